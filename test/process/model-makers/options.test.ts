import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { test } from 'tap';

const script = fileURLToPath(
  new URL('../../../src/model-makers/tiny-policy/run.ts', import.meta.url),
);

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const found = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { code: found.status, out: found.stdout, err: found.stderr };
}

test('what is mistyped is refused before anything is made', (t) => {
  for (const [args, message] of [
    [['--habit', 'two-hop'], /there is no habit two-hop, only one-hop; see --help/],
    [['--out', 'folder'], /--out goes with --habit; see --help/],
    [['--habits', 'one-hop'], /'--habits'.*see --help/s],
    [['one-hop'], /'one-hop'.*see --help/s],
  ] as const) {
    const { code, out, err } = run(...args);
    t.equal(code, 2, args.join(' '));
    t.match(err, message);
    t.equal(out, '');
  }
  t.end();
});

test('it says what it does', (t) => {
  const { code, out } = run('--help');
  t.equal(code, 0);
  t.match(out, /^Usage: npm run tiny-policy/);
  t.match(out, /--habit one-hop/);
  t.end();
});
