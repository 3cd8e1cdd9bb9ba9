import { array, assert, integer, property, string } from 'fast-check';
import { test } from 'tap';

import { cutBlocks } from '../../../corpus/passage-blocks.ts';

const words = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `w${from + index}`).join(' ');

test('blocks are disjoint, in order, and the last one is short', (t) => {
  const options = { words: 100, overlap: 0, minWords: 1 };
  const blocks = cutBlocks(
    [
      { section: '', text: words(0, 150) },
      { section: 'B', text: words(150, 230) },
    ],
    options,
  );
  t.strictSame(blocks, [
    { section: '', text: words(0, 100) },
    { section: '', text: words(100, 200) },
    { section: 'B', text: words(200, 230) },
  ]);
  t.strictSame(cutBlocks([{ section: '', text: ' \n ' }], options), []);
  t.strictSame(cutBlocks([], options), []);
  t.equal(cutBlocks([{ section: '', text: words(0, 100) }], options).length, 1);
  t.end();
});

test('a last block under minWords joins the one before; alone it stays', (t) => {
  const options = { words: 100, overlap: 0, minWords: 20 };
  const joined = cutBlocks([{ section: '', text: words(0, 219) }], options);
  t.strictSame(
    joined.map((block) => block.text),
    [words(0, 100), words(100, 219)],
  );
  const kept = cutBlocks([{ section: '', text: words(0, 220) }], options);
  t.strictSame(
    kept.map((block) => block.text),
    [words(0, 100), words(100, 200), words(200, 220)],
  );
  t.strictSame(cutBlocks([{ section: '', text: 'one two' }], options), [
    { section: '', text: 'one two' },
  ]);
  t.end();
});

test('overlapping blocks share words and end with the article', (t) => {
  const blocks = cutBlocks([{ section: '', text: words(0, 25) }], {
    words: 10,
    overlap: 4,
    minWords: 1,
  });
  t.strictSame(
    blocks.map((block) => block.text),
    [words(0, 10), words(6, 16), words(12, 22), words(18, 25)],
  );
  t.end();
});

test('blocks without overlap hold every word once', (t) => {
  assert(
    property(
      array(string(), { maxLength: 8 }),
      integer({ min: 1, max: 20 }),
      integer({ min: 1, max: 30 }),
      (texts, size, minWords) => {
        const parts = texts.map((text) => ({ section: '', text }));
        const blocks = cutBlocks(parts, { words: size, overlap: 0, minWords });
        const all = texts.flatMap((text) => text.match(/\S+/g) ?? []);
        const cut = blocks.flatMap((block) => block.text.match(/\S+/g) ?? []);
        return cut.join(' ') === all.join(' ') && blocks.every((block) => block.text !== '');
      },
    ),
  );
  t.end();
});
