import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { test } from 'tap';

/** Runs a script of the room `real-model`. */
function run(script: string, ...args: string[]): { code: number | null; out: string; err: string } {
  const path = fileURLToPath(new URL(`../../../src/real-model/${script}.ts`, import.meta.url));
  const {
    status: code,
    stdout: out,
    stderr: err,
  } = spawnSync(process.execPath, [path, ...args], {
    encoding: 'utf8',
  });
  return { code, out, err };
}

const given = ['--corpus', 'passages.jsonl', '--questions', 'questions.jsonl'];
const wrong: readonly [string, string, string[], RegExp][] = [
  ['nothing', 'run', [], /give --corpus <file> and --questions <file>; see --help/],
  ['no questions', 'run', ['--corpus', 'passages.jsonl'], /give --corpus <file> and --questions/],
  [
    'another arm',
    'run',
    [...given, '--arms', 'solo'],
    /there is no arm solo, only questions, self-/,
  ],
  ['half a step', 'run', [...given, '--steps', '1.5'], /whole numbers from 1/],
  ['no seed', 'run', [...given, '--seeds', '1,,2'], /whole numbers from 1/],
  ['an unknown option', 'run', [...given, '--step', '3'], /'--step'.*see --help/s],
  ['another model', 'fetch', ['gpt-2', 'folder'], /give one of smollm2-135m, qwen2.5-coder-0.5b/],
  ['no folder', 'fetch', ['smollm2-135m'], /and a folder; see --help/],
];

for (const [what, script, args, message] of wrong) {
  test(`${script}: ${what} is refused at once`, (t) => {
    const { code, out, err } = run(script, ...args);
    t.equal(code, 2);
    t.match(err, message);
    t.equal(out, '');
    t.end();
  });
}

test('the scripts say what they do', (t) => {
  for (const script of ['run', 'fetch']) {
    const { code, out, err } = run(script, '--help');
    t.equal(code, 0);
    t.match(out, /^Usage: npm run real-model/);
    t.equal(err, '');
  }
  t.end();
});
