import { test } from 'tap';
import { z } from 'zod';

import { describeIssues, nearest } from '../../../src/config/issues.ts';

const schema = z.strictObject({
  words: z.array(z.number()).optional(),
  table: z.record(z.string(), z.number()).optional(),
});

function described(value: unknown, known: readonly string[] = []): string {
  const { error } = schema.safeParse(value);
  return error === undefined ? '' : describeIssues(error, known);
}

test('three issues and three keys are told, and how many more there are', (t) => {
  t.equal(
    described({ wrods: 1, b: 1, c: 1, d: 1, e: 1 }, ['words']),
    'unknown key "wrods" (did you mean "words"?), "b", "c", and 2 more',
  );
  const wrong = described({ words: ['a', 'b', 'c', 'd'] });
  t.match(wrong, /^words\.0: .+; words\.1: .+; words\.2: .+; and 1 more$/);
  t.match(described({ words: ['a'] }), /^words\.0: [^;]+$/);
  t.end();
});

test('names are cut, wherever they stand', (t) => {
  const name = '\u{1F600}'.repeat(1_000_000);
  for (const value of [{ [name]: 1 }, { table: { [name]: 'a' } }]) {
    const text = described(value, ['words']);
    t.ok(text.length < 200, `${text.length} characters`);
    t.match(text, /\u{1F600}…/u, 'no half character before the cut');
  }
  t.end();
});

test('only what may be a slip is compared', (t) => {
  t.equal(nearest('wrods', ['words']), 'words');
  t.equal(nearest('x'.repeat(60), ['x'.repeat(59)]), 'x'.repeat(59));
  t.equal(nearest('x'.repeat(61), ['x'.repeat(60)]), undefined);
  t.end();
});
