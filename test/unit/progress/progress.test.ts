import { test } from 'tap';

import { compactCount, compactDuration, stageLine } from '../../../src/progress/progress.ts';
import { terminalProgress } from '../../../src/progress/terminal-progress.ts';

test('counts and durations are short', (t) => {
  const counts: [number, string][] = [
    [0, '0'],
    [7, '7'],
    [0.25, '0.25'],
    [9999, '9999'],
    [12_345, '12.3k'],
    [4_560_000, '4.56M'],
    [21_015_324, '21.0M'],
  ];
  for (const [value, text] of counts) t.equal(compactCount(value), text);
  t.equal(compactDuration(45_000), '45s');
  t.equal(compactDuration(185_000), '3m05s');
  t.equal(compactDuration(7_620_000), '2h07m');
  t.end();
});

test('a running stage shows its share, rate and ETA; an ended one its mean rate', (t) => {
  const stage = { name: 'encoding', unit: 'passages', total: 1000, done: 250, elapsedMs: 5000 };
  t.equal(
    stageLine({ ...stage, ended: false }),
    'encoding: 250/1000 passages (25%), 50/s, ETA 15s',
  );
  t.equal(
    stageLine({ ...stage, done: 1000, elapsedMs: 20_000, ended: true }),
    'encoding: 1000 passages in 20s, 50/s',
  );
  t.equal(stageLine({ ...stage, total: undefined, ended: false }), 'encoding: 250 passages, 50/s');
  t.end();
});

test('a terminal is redrawn; a pipe gets plain lines, seldom', (t) => {
  const draw = (isTTY: boolean): string[] => {
    const lines: string[] = [];
    let clockMs = 0;
    const progress = terminalProgress({ isTTY, write: (text) => lines.push(text) }, () => clockMs);
    const stage = progress.stage('reading', 'pages', 40);
    for (let second = 1; second <= 20; second += 1) {
      clockMs = second * 1000;
      stage.add(2);
    }
    stage.end();
    progress.note('done');
    return lines;
  };
  const plain = draw(false);
  t.strictSame(plain, [
    'reading: 20/40 pages (50%), 2/s, ETA 10s\n',
    'reading: 40/40 pages (100%), 2/s, ETA 0s\n',
    'reading: 40 pages in 20s, 2/s\n',
    'done\n',
  ]);
  const terminal = draw(true);
  t.equal(terminal.length, 23);
  t.equal(terminal[0], '\r\u001B[2Kreading: 0/40 pages (0%), 0/s', 'from its start on');
  t.ok(terminal.every((line) => line.startsWith('\r\u001B[2K')));
  t.end();
});

test('a line that is redrawn fits the terminal: what wraps would stay', (t) => {
  const lines: string[] = [];
  const stream = { isTTY: true, columns: 20, write: (text: string) => lines.push(text) };
  const stage = terminalProgress(stream, () => 0).stage('reading', 'pages', 40);
  t.strictSame(lines, ['\r\u001B[2Kreading: 0/40 pages']);
  stage.end();
  t.match(lines.at(-1), /^\r\u001B\[2Kreading: 0 pages in 0s, 0\/s\n$/, 'the last one is whole');
  t.end();
});
