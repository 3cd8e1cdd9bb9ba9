import { test } from 'tap';

import { Pace } from '../../../src/progress/pace.ts';
import { compactCount, compactDuration, stageLine } from '../../../src/progress/progress.ts';
import { terminalProgress } from '../../../src/progress/terminal-progress.ts';
import recorded from '../../material/progress/episodes.json' with { type: 'json' };

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
    stageLine({ ...stage, ended: false, leftMs: 15_000 }),
    'encoding: 250/1000 passages (25%), 50/s, ETA 15s',
  );
  t.equal(
    stageLine({ ...stage, done: 1000, elapsedMs: 20_000, ended: true }),
    'encoding: 1000 passages in 20s, 50/s',
  );
  t.equal(stageLine({ ...stage, total: undefined, ended: false }), 'encoding: 250 passages, 50/s');
  t.end();
});

/** What is shown once a second of units that end at these times, with what was true. */
function shownEtas(finishedMs: readonly number[]): { leftMs: number; trueMs: number }[] {
  const [pace, end] = [new Pace(), finishedMs.at(-1) ?? 0];
  let nextMs = 0;
  return finishedMs.flatMap((ms, i) => {
    pace.note(i + 1, ms);
    if (ms < nextMs || ms === end) return [];
    nextMs = ms + 1000;
    const leftMs = pace.leftMs(finishedMs.length, i + 1, ms);
    return leftMs === undefined ? [] : [{ leftMs, trueMs: end - ms }];
  });
}

test('units one after the other: the ETA comes with the fourth, and is right', (t) => {
  const etas = shownEtas(Array.from({ length: 20 }, (_, i) => (i + 1) * 3000));
  t.equal(etas[0]?.trueMs, 16 * 3000);
  for (const { leftMs, trueMs } of etas) t.equal(leftMs, trueMs);
  t.end();
});

test('episodes side by side, as they ended on two busy cores: no ETA from the first of them', (t) => {
  let [shown, wrong, longest] = [0, 0, 0];
  for (const { finishedMs } of recorded) {
    const etas = shownEtas(finishedMs);
    shown += etas.length;
    wrong += etas.filter(({ leftMs, trueMs }) => leftMs > 3 * trueMs + 5000).length;
    longest = Math.max(longest, ...etas.map(({ leftMs }) => leftMs));
  }
  t.equal(wrong, 0, `of ${shown} shown; the mean rate from the start said up to 53 minutes`);
  t.ok(longest < 60_000, 'the longest of these stages took two minutes, to its last episode');
  t.equal(new Pace().leftMs(0, 0, 0), 0, 'nothing to do takes no time');
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
