/** Opening and closing marks of thinking in the text of a reply, a row a family of models. */
const thinkingMarks: readonly (readonly [RegExp, RegExp])[] = [
  ...[
    'think',
    'thinking',
    'thought',
    'thoughts',
    'reasoning',
    'reflection',
    'scratchpad',
    'analysis',
  ].map(tagMarks),
  tagMarks('seed:think'),
  [/\[THINK\]/gi, /\[\/THINK\]/gi],
  [/◁think▷/gi, /◁\/think▷/gi],
  [/<\|START_THINKING\|>/g, /<\|END_THINKING\|>/g],
  [/<\|begin_of_thought\|>/g, /<\|end_of_thought\|>/g],
  [/<\|channel>thought/g, /<channel\|>/g],
];

/** Marks around what is said, which belong to neither side. */
const framing =
  /<\|(?:START|END)_(?:RESPONSE|TEXT)\|>|<\|(?:begin|end)_of_(?:solution|box)\|>|<\|(?:im_end|eot_id|end|return|endoftext|end_of_text|eom_id|END_OF_TURN_TOKEN)\|>|<end_of_turn>|<｜end▁of▁sentence｜>|<\/s>/g;

/** The channels of gpt-oss: `<|channel|>analysis<|message|>...<|end|>`. */
const channel = /<\|channel\|>\s*(\w+)[^<]*<\|message\|>/g;
/** The same where the server has left the control tokens out of the text. */
const bareChannels = /^\s*(?:assistant)?analysis(?=[A-Z"'*(<])/;
const bareFinal = 'assistantfinal';

/**
 * What a reply says once its thinking has ended: without the thinking, and without control tokens around
 * it. Undefined where a thinking has begun and not ended, so that nothing was said yet. A closing mark
 * alone ends a thinking that the chat template has begun; the last one counts.
 */
export function spokenPart(reply: string): string | undefined {
  const said = finalChannel(reply);
  if (said === undefined) return undefined;
  let end = 0;
  for (const [opening, closing] of thinkingMarks) {
    const closed = lastMatch(said, closing);
    const opened = lastMatch(said, opening);
    if (opened !== undefined && (closed === undefined || opened.index > closed.index)) {
      return undefined;
    }
    if (closed !== undefined) end = Math.max(end, closed.index + closed[0].length);
  }
  return said.slice(end).replaceAll(framing, '').trim();
}

/** The text of the channel `final`; the whole text where there are no channels. */
function finalChannel(reply: string): string | undefined {
  const last = lastMatch(reply, channel);
  if (last !== undefined) {
    if (last[1] !== 'final') return undefined;
    return reply.slice(last.index + last[0].length);
  }
  if (/<\|(?:channel|message)\|>/.test(reply)) return undefined;
  if (!bareChannels.test(reply)) return reply;
  const at = reply.lastIndexOf(bareFinal);
  return at < 0 ? undefined : reply.slice(at + bareFinal.length);
}

function tagMarks(name: string): readonly [RegExp, RegExp] {
  return [new RegExp(`<${name}>`, 'gi'), new RegExp(`</${name}>`, 'gi')];
}

function lastMatch(text: string, mark: RegExp): RegExpExecArray | undefined {
  return [...text.matchAll(mark)].at(-1);
}
