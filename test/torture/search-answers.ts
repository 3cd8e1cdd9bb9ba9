import type { ProgramOptions } from './program.ts';
import { Program } from './program.ts';
import { hold } from './trial.ts';

const queries = [
  'painter of the old bridge',
  'volcano island',
  'treaty and battle of the dynasty',
  'railway engine museum',
  'river',
];

/** Ids and scores of the answers to some queries of `smallPassages`, as text to compare. */
export async function answersOf(url: string): Promise<string> {
  const answers = queries.map(async (query) => {
    const reply = await fetch(`${url}/v1/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, topK: 5 }),
    });
    const body = await reply.text();
    hold(reply.status === 200, () => `search answers ${reply.status}: ${body}`);
    const { results } = JSON.parse(body) as {
      results: { hits: { id: string; score: number }[] }[];
    };
    return (results[0]?.hits ?? []).map(({ id, score }) => `${id} ${score}`).join('\n');
  });
  return (await Promise.all(answers)).join('\n\n');
}

/** `ssp serve` over an index, once it answers. */
export interface Reader {
  readonly program: Program;
  readonly url: string;
}

/** Starts one that must become ready. */
export async function serve(index: string, options: ProgramOptions): Promise<Reader> {
  const command = ['serve', '--index', index, '--mode', 'bm25', '--port', '0', '--json'];
  const program = new Program(command, options);
  const isReady = await program.until(() => program.stderr.includes('ready: '));
  hold(isReady, () => `the service over ${index} ends before it is ready: ${program.stderr}`);
  await program.until(() => program.stdout.trimEnd().endsWith('}'));
  return { program, url: (JSON.parse(program.stdout) as { url: string }).url };
}
