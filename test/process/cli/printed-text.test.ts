import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Test } from 'tap';
import t, { test } from 'tap';

import type { CommandResult } from '../../material/cli/ssp.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { writeMadeUpRun } from '../../material/report/made-up-run.ts';
import { fictionalCorpus } from '../../material/seeds/fictional-corpus.ts';

t.setTimeout(600_000); // a dozen processes

const shownProgress = new URL('../../material/cli/shown-progress.ts', import.meta.url).href;

/** Escape sequences, C1 controls, an overridden direction, a line that looks like an error. */
const hostile = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202ehidden\u0008\rover\nerror SSP_FAKE: x';
const steering = /(?![\n\t\u00ad\u200c\u200d])[\p{Cc}\p{Cf}]/u;

/** Nothing that a command printed steers a terminal, and no line is made up. */
function checkPrinted(t: Test, name: string, { stdout, stderr }: CommandResult): void {
  t.notMatch(stdout, steering, `${name}: output`);
  t.notMatch(stderr, steering, `${name}: messages`);
  t.notMatch(`${stdout}\n${stderr}`, /^error SSP_FAKE/m, `${name}: lines`);
}

/** Runs a command twice, for people and with `--json`; the result for people. */
async function checked(t: Test, args: readonly string[], exitCode = 0): Promise<CommandResult> {
  const [name = ''] = args;
  const shown = await ssp(args);
  t.equal(shown.exitCode, exitCode, `${name}: ${shown.stderr}`);
  checkPrinted(t, name, shown);
  const json = await ssp([...args, '--json']);
  checkPrinted(t, `${name} --json`, json);
  t.ok(JSON.parse(json.stdout), 'valid JSON');
  return shown;
}

test('titles, texts and ids of passages cannot steer the terminal', async (t) => {
  const folder = t.testdir();
  const at = (name: string): string => join(folder, name);
  const passage = (id: string): string =>
    JSON.stringify({ id, title: `T${hostile}`, text: `radium ${hostile}`, [`key${hostile}`]: 1 });
  writeFileSync(at('p.jsonl'), passage(`i${hostile}`));
  const imported = await ssp(['corpus', 'import', at('p.jsonl'), '--out', at('corpus')]);
  checkPrinted(t, 'corpus import', imported);
  t.match(imported.stderr, /ignored key: key�\[2J/);
  const index = ['index', 'build', '--corpus', at('corpus'), '--out', at('index')];
  t.equal((await ssp([...index, '--modes', 'bm25'])).exitCode, 0);
  const found = await checked(t, ['search', '--index', at('index'), 'radium']);
  t.match(found.stdout, /1\. T�\[2J�\]0;owned��31m�hidden� over error SSP_FAKE: x\n {3}radium/);
  const json = await ssp(['search', '--index', at('index'), 'radium', '--json']);
  t.match(JSON.parse(json.stdout), { results: [{ hits: [{ title: `T${hostile}` }] }] });
  writeFileSync(at('twice.jsonl'), [passage(`i${hostile}`), passage(`i${hostile}`)].join('\n'));
  const twice = ['corpus', 'import', at('twice.jsonl'), '--out', at('none')];
  t.match((await checked(t, twice, 2)).stderr, /^error SSP_IMPORT_INVALID.* i�\[2J/m);
});

test('pages of a dump cannot steer the terminal', async (t) => {
  const title = 'A&#27;[2J&#x9b;31m&#x202e;b&#10;error SSP_FAKE: x';
  const page = (id: number, text: string): string =>
    `<page><title>${title}</title><ns>0</ns><id>${id}</id><revision><text>${text}</text></revision></page>`;
  const head = '<?xml version="1.1"?><mediawiki>';
  const tooLong = `${head}${page(1, 'a'.repeat(17 * 2 ** 20))}${page(2, 'A town.')}</mediawiki>`;
  const folder = t.testdir({ 'w.xml': tooLong, 'cut.xml': `${head}${page(1, 'A')}` });
  const build = (name: string): string[] => [
    ...['corpus', 'build', join(folder, name), '--out', join(folder, 'out'), '--force'],
  ];
  t.match(
    (await checked(t, build('w.xml'))).stderr,
    /failed page "A�\[2J�31m�b error SSP_FAKE: x"/,
  );
  t.match((await checked(t, build('cut.xml'), 2)).stderr, /after page 1 \(A�\[2J/);
});

test('question sets, seeds and runs cannot steer the terminal', async (t) => {
  const folder = t.testdir();
  const name = 'n\u001b[2J\u009b31m\u202e';
  const set = join(folder, `${name}.jsonl`);
  const row = { id: '1', question: `q${hostile}`, golden_answers: [`a${hostile}`] };
  writeFileSync(set, JSON.stringify(row));
  const { corpus } = await fictionalCorpus(join(folder, 'world'), { seed: 1, entities: 300 });
  const seeds = join(folder, 'seeds.jsonl');
  await checked(t, ['seeds', '--corpus', corpus, '--out', seeds, '--exclude', set, '--force']);
  const check = await checked(t, ['seeds', '--check', seeds, '--exclude', set]);
  t.match(check.stdout, 'n�[2J�31m�');
  const runs = [join(folder, name), join(folder, `${name}2`)];
  for (const run of runs) {
    await writeMadeUpRun(run, { steps: 2, questionsPerStep: 2, hostileText: hostile });
  }
  const report = ['report', ...runs, '--out', join(folder, 'r.html'), '--overlap', set];
  t.match((await checked(t, report)).stdout, 'n�[2J�31m�2: ');
});

test('what the user typed comes back without its control characters', async (t) => {
  for (const args of [['co\u001b[2Jnfig'], ['config', '--wo\u009brds', '3']]) {
    const result = await ssp(args);
    t.equal(result.exitCode, 2);
    checkPrinted(t, 'usage', result);
  }
  const missing = await checked(t, ['index', 'verify', '--index', 'no\u001b[2Jwhere'], 2);
  t.match(missing.stderr, /no�\[2Jwhere/);
});

test('an error has a line of its own where a terminal shows a stage', async (t) => {
  const folder = t.testdir({ 'p.jsonl': '{"id": "1", "title": "a", "text": "b"}\n{"id": \n' });
  const onTerminal = { NODE_OPTIONS: `--import ${shownProgress}` };
  const args = ['corpus', 'import', join(folder, 'p.jsonl'), '--out', join(folder, 'corpus')];
  const { exitCode, stderr } = await ssp(args, onTerminal);
  t.equal(exitCode, 2);
  t.match(stderr, /\r\u001B\[2Kimport: [^\r]*\r\u001B\[2Kerror SSP_/);
});
