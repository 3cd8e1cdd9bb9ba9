import { tinyPolicyFolder } from '../../../src/models/shipped.ts';
import { createRandom } from '../../../src/random/random.ts';
import type { Random } from '../../../src/types/random.ts';
import { skip } from '../../material/policy/served-policy.ts';
import { Program } from '../program.ts';
import type { Attempt, Trial } from '../trial.ts';
import { hold, holdSame } from '../trial.ts';

const requestCount = 48;
const askedAtOnce = 32;
const answerMs = 240_000;

/** A body of /v1/completions, and the tokens that it gets from a service with room for all. */
interface Asked {
  readonly body: Readonly<Record<string, unknown>>;
  readonly tokens: string;
}

export const kvCacheTrial: Trial = {
  name: 'kv-cache-exhausted',
  tries:
    'A policy service whose cache of keys and values holds a few sequences at most is asked for 32 long completions at once: each is answered, with the tokens of a service that has room for all (--exact-sampling), or refused by a code; none hangs.',
  missing: skip,
  async prepare(_folder, signal) {
    const service = await startPolicy('1', signal);
    const bodies = requests(createRandom(1, 'kv-cache'));
    const replies = await Promise.all(bodies.map((body) => ask(service.url, body, signal)));
    service.program.send('SIGTERM');
    await service.program.ended;
    const asked = replies.map(({ tokens, text }, at): Asked => {
      hold(tokens !== undefined, () => `undisturbed: ${text}`);
      return { body: bodies[at] ?? {}, tokens };
    });
    return (attempt) => exhausted(asked, attempt);
  },
};

function requests(random: Random): Record<string, unknown>[] {
  return Array.from({ length: requestCount }, (_, seed) => ({
    prompt: Array.from({ length: 5 + random.below(150) }, () => random.below(1100)),
    ...{ max_tokens: 20 + random.below(130), temperature: random.below(2), seed },
    ...{ ignore_eos: true, return_token_ids: true },
  }));
}

async function startPolicy(
  cacheGb: string,
  signal: AbortSignal,
): Promise<{ program: Program; url: string }> {
  const cpu = ['--device', 'cpu', '--threads', '1', '--full', '--exact-sampling', '--port', '0'];
  const args = ['policy', '--model', tinyPolicyFolder, ...cpu, '--kv-cache-gb', cacheGb, '--json'];
  const program = new Program(args, { signal });
  await program.until(() => program.stderr.includes('ready: '));
  hold(!program.isOver, () => `the policy service ends: ${program.stderr}`);
  return { program, url: (JSON.parse(program.stdout) as { url: string }).url };
}

async function ask(
  url: string,
  body: unknown,
  signal: AbortSignal,
): Promise<{ tokens: string | undefined; text: string }> {
  const reply = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
  });
  const text = await reply.text();
  if (reply.status !== 200) return { tokens: undefined, text };
  const { choices } = JSON.parse(text) as { choices: { token_ids: number[] }[] };
  return { tokens: choices.map(({ token_ids }) => token_ids.join(' ')).join('\n'), text };
}

async function exhausted(all: readonly Asked[], { random, signal, count }: Attempt): Promise<void> {
  const cacheGb = (0.002 + random.below(4) / 1000).toFixed(3);
  const { program, url } = await startPolicy(cacheGb, signal);
  const chosen = random.sample(all, askedAtOnce);
  const replies = await Promise.all(chosen.map(({ body }) => ask(url, body, signal)));
  for (const [at, { tokens, text }] of replies.entries()) {
    if (tokens === undefined) {
      const code = /SSP_[A-Z_]+/.exec(text)?.[0];
      hold(code !== undefined, () => `a request is refused without a code: ${text}`);
      count(`completion refused: ${code}`);
    } else {
      holdSame(tokens, chosen[at]?.tokens ?? '', `the tokens with a cache of ${cacheGb} GB`);
      count('completion answered with the same tokens');
    }
  }
  program.send('SIGTERM');
  const { code, stderr } = await program.ended;
  hold(code === 0, () => `the policy service ends with ${code}: ${stderr}`);
}
