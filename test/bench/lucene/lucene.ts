import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import type { QueryRate } from '../query-rate.ts';
import { queryRate } from '../query-rate.ts';
import { runProgram, workshopPath } from '../workshop.ts';

const lowestJava = 21;

const indexReplySchema = z.object({
  version: z.string(),
  indexSeconds: z.number(),
  mergeSeconds: z.number(),
  peakBytes: z.number(),
});
const rankReplySchema = z.object({ threadSeconds: z.number() });
const searchReplySchema = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  latenciesMs: z.array(z.number()),
  runs: z.array(z.array(z.string())),
});

/** A Java with the jars of LuceneBench.java beside it. */
export interface LuceneProgram {
  readonly java: string;
  readonly jars: string;
}

/**
 * The program, its jars fetched from Maven Central on first use; or the reason why it cannot run. A
 * JDK of version 21 or newer is looked for in JAVA21_HOME, JAVA_HOME and /usr/lib/jvm.
 */
export async function prepareLucene(): Promise<LuceneProgram | { readonly reason: string }> {
  const java = findJava();
  if (java === undefined)
    return { reason: `no JDK ${lowestJava} or newer (JAVA21_HOME names one)` };
  const jars = await workshopPath('lucene-jars');
  if (!existsSync(jars)) {
    const pom = fileURLToPath(new URL('pom.xml', import.meta.url));
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${jars}`];
    try {
      await runProgram('mvn', ['-q', '-B', '-f', pom, ...goal]);
    } catch (error) {
      return { reason: `Maven could not fetch Lucene: ${String(error)}` };
    }
  }
  return { java, jars };
}

/** What Lucene is asked with. */
interface LuceneParameters {
  readonly index: string;
  readonly k1: number;
  readonly b: number;
  /** Texts are terms between spaces already. */
  readonly analyzed: boolean;
}

/** Queries for Lucene; the first `warmUp` are neither timed nor reported. */
interface LuceneQueries extends LuceneParameters {
  readonly queries: readonly string[];
  readonly warmUp: number;
  readonly topK: number;
}

/** Indexes passages into the folder `request.index`. */
export async function indexByLucene(
  program: LuceneProgram,
  request: LuceneParameters & {
    readonly passages: readonly string[];
    readonly titleWeight: number;
  },
): Promise<z.output<typeof indexReplySchema>> {
  await rm(request.index, { recursive: true, force: true });
  return indexReplySchema.parse(await runJava(program, 'index', request));
}

/** Processor seconds of the thread that ranks the queries, without analysis and texts. */
export async function rankByLucene(
  program: LuceneProgram,
  request: LuceneQueries,
  prefix: readonly string[] = [],
): Promise<number> {
  return rankReplySchema.parse(await runJava(program, 'rank', request, prefix)).threadSeconds;
}

/** Searches an index: analysis, ranking, and the texts of all hits. */
export async function searchByLucene(
  program: LuceneProgram,
  request: LuceneQueries & { readonly inFlight: number },
  prefix: readonly string[] = [],
): Promise<{ readonly runs: string[][]; readonly rate: QueryRate }> {
  const { runs, ...times } = searchReplySchema.parse(
    await runJava(program, 'search', request, prefix),
  );
  return { runs, rate: queryRate({ ...times, inFlight: request.inFlight }) };
}

async function runJava(
  { java, jars }: LuceneProgram,
  action: 'index' | 'search' | 'rank',
  request: object,
  prefix: readonly string[] = [],
): Promise<unknown> {
  const file = await workshopPath(`lucene-request-${process.pid}.json`);
  await writeFile(file, JSON.stringify(request));
  const source = fileURLToPath(new URL('LuceneBench.java', import.meta.url));
  const options = ['--add-modules', 'jdk.incubator.vector', '--enable-native-access=ALL-UNNAMED'];
  const args = [...options, '-cp', `${jars}/*`, source, action, file];
  try {
    return JSON.parse(await runProgram(java, args, {}, prefix));
  } finally {
    await rm(file);
  }
}

function findJava(): string | undefined {
  const folders = [
    process.env['JAVA21_HOME'],
    process.env['JAVA_HOME'],
    ...(existsSync('/usr/lib/jvm') ? readdirSync('/usr/lib/jvm') : []).map(
      (name) => `/usr/lib/jvm/${name}`,
    ),
  ];
  return folders
    .filter((folder) => folder !== undefined)
    .map((folder) => `${folder}/bin/java`)
    .find((java) => existsSync(java) && javaVersion(java) >= lowestJava);
}

function javaVersion(java: string): number {
  const properties = ['-XshowSettings:properties', '-version'];
  const { stderr } = spawnSync(java, properties, { encoding: 'utf8' });
  return Number(/java\.specification\.version = (\d+)/.exec(stderr)?.[1] ?? 0);
}
