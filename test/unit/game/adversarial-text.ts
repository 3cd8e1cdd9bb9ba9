import fc from 'fast-check';

const names = ['search', 'answer', 'question', 'information', 'think', 'observation'];
const tag = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('<search>', '<answer>', '<question>') },
  { weight: 6, arbitrary: fc.constantFrom('</search>', '</answer>', '</question>') },
  ...names.map((name) => fc.constantFrom(`<${name}>`, `</${name}>`)),
);
const lookAlike = fc
  .tuple(
    fc.constantFrom('<', '</', '< ', '<<', '＜', '‹', '<\u200b', '<\n/'),
    fc.constantFrom(...names, 'Search', 'ANSWER', 'sеarch', 'answer_', 'search answer', ''),
    fc.constantFrom('>', ' >', '', '>>', '＞', '/>', '\t>', ' x="1">'),
  )
  .map((parts) => parts.join(''));
const halfTag = fc.tuple(tag, fc.nat(11)).map(([whole, length]) => whole.slice(0, length));
const whole = fc
  .tuple(fc.constantFrom('search', 'answer', 'question'), fc.string({ maxLength: 8 }))
  .map(([name, content]) => `<${name}>${content}</${name}>`);
const character = fc.constantFrom('\u0000', '\u001b', '\r\n', ' ', '\u2028', '\ufeff', '\u202e');
const loneSurrogate = fc.constantFrom('\ud83d', '\udc00', '👩‍👩‍👧', 'e\u0301', '中');
const piece = fc.oneof(
  { weight: 4, arbitrary: tag },
  { weight: 2, arbitrary: lookAlike },
  { weight: 2, arbitrary: whole },
  halfTag,
  character,
  loneSurrogate,
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('{question}', '$&', '\\1', '<|im_end|>', '<|eot_id|>', 'Doc 1(Title: x)'),
);

/** What a model may write to break a reader of tags: nested, unclosed, half, doubled, look-alike. */
export const adversarialText = fc
  .oneof(
    { weight: 8, arbitrary: fc.array(piece, { maxLength: 14 }) },
    fc.array(piece, { minLength: 60, maxLength: 300 }),
  )
  .map((pieces) => pieces.join(''));
