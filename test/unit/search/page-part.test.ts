import fc from 'fast-check';
import { test } from 'tap';

import { pagePart } from '../../../services/search/page-part.ts';
import type { Page } from '../../../src/types/retriever.ts';

const corpus = '0'.repeat(64);
const page: Page = {
  title: 'Velmora',
  passages: [
    { id: '1-0', title: 'Velmora', text: 'Velmora is a town. It lies on the Sarn.' },
    { id: '1-1', title: 'Velmora', text: 'It exports glass.', section: 'Economy' },
    { id: '1-2', title: 'Velmora', text: 'Salt is dug.', section: 'Economy' },
    { id: '1-3', title: 'Velmora', text: 'Monks founded it.', section: 'History' },
  ],
};

test('a part ends with a section where that fills half of the room, and says what is left', (t) => {
  const first = pagePart(page, corpus, { maxChars: 80 });
  t.strictSame(
    first.passages.map(({ id }) => id),
    ['1-0', '1-1', '1-2'],
  );
  t.strictSame(first.left, { chars: 17, passages: 1, sections: ['History'] });
  const small = pagePart(page, corpus, { maxChars: 60 });
  t.strictSame(
    small.passages.map(({ id }) => id),
    ['1-0'],
    'the lead, not half of the economy',
  );
  t.strictSame(small.left, { chars: 46, passages: 3, sections: ['Economy', 'History'] });
  const last = pagePart(page, corpus, { maxChars: 80, cursor: first.cursor ?? '' });
  t.strictSame(last.passages, [page.passages[3]]);
  t.equal(last.cursor, null);
  t.strictSame(last.left, { chars: 0, passages: 0, sections: [] });
  t.end();
});

test('a passage longer than the room is cut at a sentence and goes on in the next part', (t) => {
  const first = pagePart(page, corpus, { maxChars: 30 });
  t.match(first.passages, [{ id: '1-0', text: 'Velmora is a town.', truncated: true }]);
  t.equal(first.left?.chars, 20 + 46);
  const next = pagePart(page, corpus, { maxChars: 30, cursor: first.cursor ?? '' });
  t.match(next.passages, [{ id: '1-0', text: 'It lies on the Sarn.', continued: true }]);
  t.notOk(next.passages[0]?.truncated);
  t.end();
});

test('the parts of any page hold its words once, each within the room', (t) => {
  const words = fc.stringMatching(/^[a-zé😀]{1,9}(\. | |  |\n)[a-z ]{0,40}$/u);
  const passages = fc.array(
    fc.record({ text: words, section: fc.constantFrom('', 'One', 'Two') }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(passages, fc.integer({ min: 20, max: 90 }), (drawn, maxChars) => {
      const any = {
        title: 'T',
        passages: drawn.map((each, i) => ({ id: `${i}`, title: 'T', ...each })),
      };
      const texts: string[] = [];
      let cursor: string | null | undefined;
      for (let parts = 0; cursor !== null; parts += 1) {
        const part = pagePart(any, corpus, { maxChars, ...(cursor && { cursor }) });
        const chars = part.passages.reduce((sum, { text }) => sum + text.length, 0);
        if (chars > maxChars || part.passages.length === 0 || parts > 100) return false;
        texts.push(...part.passages.map(({ text }) => text));
        cursor = part.cursor;
      }
      const all = (list: string[]): string => list.join('').replaceAll(/\s/g, '');
      return all(texts) === all(drawn.map(({ text }) => text));
    }),
  );
  t.end();
});

test('what is no cursor of this page and corpus is refused', (t) => {
  const { cursor } = pagePart(page, corpus, { maxChars: 30 });
  const mark = cursor?.split('.')[2] ?? '';
  const other = pagePart({ ...page, title: 'Ostrel' }, corpus, { maxChars: 30 }).cursor ?? '';
  const elsewhere = pagePart(page, '1'.repeat(64), { maxChars: 30 }).cursor ?? '';
  const wrong = ['', 'x', `9.0.${mark}`, `0.39.${mark}`, `0.-1.${mark}`, `0.0.${mark}0`, other];
  for (const given of [...wrong, elsewhere, '0.0.', '9'.repeat(99_999)]) {
    t.throws(
      () => pagePart(page, corpus, { cursor: given }),
      { code: 'SSP_CURSOR_INVALID' },
      given.slice(0, 30),
    );
  }
  t.end();
});
