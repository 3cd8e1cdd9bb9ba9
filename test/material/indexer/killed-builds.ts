import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { indexManifestSchema } from '../../../src/types/index-manifest.ts';
import { ssp } from '../cli/ssp.ts';

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));
const shippedEncoder = fileURLToPath(new URL('../../../src/models/tiny-e5', import.meta.url));
const outputSchema = z.object({ manifestHash: z.string(), manifest: indexManifestSchema });

/** Both modes where the shipped encoder is there, BM25 alone otherwise. */
export const builtModes = existsSync(shippedEncoder) ? 'bm25,dense' : 'bm25';

function buildArguments(corpus: string, out: string): string[] {
  return ['index', 'build', '--corpus', corpus, '--out', out, '--modes', builtModes];
}

/** Runs the real command to its end and gives what it printed and the time it took. */
export async function buildByCommand(
  corpus: string,
  out: string,
): Promise<z.output<typeof outputSchema> & { readonly elapsedMs: number }> {
  const startMs = performance.now();
  const { exitCode, stdout, stderr } = await ssp([...buildArguments(corpus, out), '--json']);
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr}`);
  return { ...outputSchema.parse(JSON.parse(stdout)), elapsedMs: performance.now() - startMs };
}

/** Runs the real command, kills it with SIGKILL after `delayMs`, and waits until it is gone. */
export async function killBuild(corpus: string, out: string, delayMs: number): Promise<void> {
  const child = spawn(process.execPath, [entry, ...buildArguments(corpus, out)], {
    stdio: 'ignore',
  });
  const exit = new Promise((resolve) => child.on('exit', resolve));
  await Promise.race([sleep(delayMs), exit]);
  child.kill('SIGKILL');
  await exit;
}
