import { test } from 'tap';

import { printable, printableJson, printableLine } from '../../../src/progress/printable.ts';
import { terminalProgress } from '../../../src/progress/terminal-progress.ts';

test('text cannot steer the terminal', (t) => {
  t.equal(printable('a\u001b[31mb\u009bc\rd\ne\tf\u202eg\u00adh'), 'a�[31mb�c�d\ne\tf�g\u00adh');
  t.equal(printable('👩\u200d🔧 नि\u200dष, \u{E0041}'), '👩\u200d🔧 नि\u200dष, �');
  t.end();
});

test('a title cannot begin a line of its own', (t) => {
  t.equal(printableLine('a\r\nerror\tb\u2028c\u001b'), 'a error b c�');
  t.end();
});

test('JSON keeps every string and holds nothing that steers', (t) => {
  const value = { 'k\u009b': ['\u001b[2J', '\u202e\u{E0041}', '"\\u0000"', 'a\n\tb'] };
  const json = printableJson(value);
  t.strictSame(JSON.parse(json), value);
  t.notMatch(json, /(?!\n)[\p{Cc}\p{Cf}]/u);
  t.match(json, String.raw`\u202e\udb40\udc41`);
  t.end();
});

test('what is reported of a job cannot steer the terminal', (t) => {
  const lines: string[] = [];
  const progress = terminalProgress({ write: (text) => lines.push(text) });
  progress.note('a\u001b]0;b\u0007');
  progress.stage('c\u001bd\ne', 'pages').end();
  t.match(lines, ['a�]0;b�\n', /^c�d e: 0 pages in .*\n$/]);
  t.end();
});
