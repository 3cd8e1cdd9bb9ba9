import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { findElasticsearch } from './distribution.ts';

/** A real cluster on this machine. */
export interface TestCluster {
  /** `http://127.0.0.1:port`, one a node. */
  readonly urls: readonly string[];
  /** Ends a node without a word, as a power cut does. */
  kill(node: number): Promise<void>;
  /** Starts a node that was killed, on what it had. */
  restart(node: number): Promise<void>;
  stop(): Promise<void>;
}

/** Elasticsearch refuses to run as root; nobody may. */
const nobody = 65_534;
const startLimitMs = 300_000;

interface Node {
  readonly number: number;
  readonly folder: string;
  readonly url: string;
  process: ChildProcess | undefined;
}

/**
 * Starts `count` nodes as one cluster and waits until they have found each other. Only the first may be
 * master, as two cannot outvote each other. Throws where the server is not there: see
 * `missingElasticsearch`.
 */
export async function startCluster(
  count = 1,
  settings: readonly string[] = [],
): Promise<TestCluster> {
  const found = findElasticsearch();
  if ('reason' in found) throw new Error(found.reason);
  const top = await mkdtemp(join(tmpdir(), 'ssp-elasticsearch-'));
  const isRoot = process.getuid?.() === 0;
  const home = isRoot ? join(top, 'home') : found.folder;
  // The cache folder of root is closed to others.
  if (isRoot) await cp(found.folder, home, { recursive: true });
  const ports = await freePorts(2 * count);
  const transports = ports.slice(count);
  const nodes = await Promise.all(
    ports.slice(0, count).map(async (port, number): Promise<Node> => {
      const folder = join(top, `node-${number}`);
      await mkdir(join(folder, 'config'), { recursive: true });
      await mkdir(join(folder, 'tmp'));
      for (const name of ['log4j2.properties']) {
        await cp(join(found.folder, 'config', name), join(folder, 'config', name));
      }
      await writeFile(join(folder, 'config', 'jvm.options'), jvmOptions);
      await writeFile(
        join(folder, 'config', 'elasticsearch.yml'),
        [
          'cluster.name: ssp-test',
          `node.name: node-${number}`,
          `node.roles: [${number === 0 ? 'master, data' : 'data'}]`,
          `http.port: ${port}`,
          `transport.port: ${transports[number] ?? 0}`,
          `discovery.seed_hosts: [${transports.map((one) => `"127.0.0.1:${one}"`).join(', ')}]`,
          'cluster.initial_master_nodes: [node-0]',
          'cluster.routing.allocation.disk.threshold_enabled: false',
          `path.data: ${join(folder, 'data')}`,
          `path.logs: ${join(folder, 'logs')}`,
          ...(settings.length === 0 ? ['xpack.security.enabled: false'] : settings),
          '',
        ].join('\n'),
      );
      return { number, folder, url: `http://127.0.0.1:${port}`, process: undefined };
    }),
  );
  if (isRoot) await giveTo(top, nobody);
  await chmod(top, 0o755);

  const start = (node: Node): void => {
    node.process = spawn(join(home, 'bin', 'elasticsearch'), [], {
      stdio: 'ignore',
      detached: true, // a group: the server is a child of the program that starts it
      ...(isRoot ? { uid: nobody, gid: nobody } : {}),
      env: {
        PATH: process.env['PATH'],
        HOME: node.folder,
        ES_JAVA_HOME: found.javaHome,
        ES_PATH_CONF: join(node.folder, 'config'),
        ES_TMPDIR: join(node.folder, 'tmp'),
      },
    });
    // What stops the cluster runs when nothing else is left to do: a server must not count.
    node.process.unref();
  };
  const kill = async (node: Node): Promise<void> => {
    const { process: running } = node;
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null)
      return;
    running.ref();
    const ended = once(running, 'exit');
    process.kill(-running.pid, 'SIGKILL');
    await ended;
  };
  // A test that is ended from outside leaves no server behind.
  const end = (signal: NodeJS.Signals): void => {
    for (const { process: running } of nodes) {
      if (running?.pid !== undefined && running.exitCode === null && running.signalCode === null)
        process.kill(-running.pid, 'SIGKILL');
    }
    process.kill(process.pid, signal);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, end);
  const stop = async (): Promise<void> => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(signal, end);
    await Promise.all(nodes.map(kill));
    await rm(top, { recursive: true, force: true, maxRetries: 10 });
  };
  const cluster: TestCluster = {
    urls: nodes.map(({ url }) => url),
    kill: (number) => kill(nodes[number] as Node),
    async restart(number) {
      start(nodes[number] as Node);
      await answering(nodes, count);
    },
    stop,
  };
  try {
    for (const node of nodes) start(node);
    await answering(nodes, count);
    return cluster;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A small heap, and no second compiler: a test ends before that would pay. */
const jvmOptions = [
  ...['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
  '-Djava.io.tmpdir=${ES_TMPDIR}',
  '',
].join('\n');

async function answering(nodes: readonly Node[], count: number): Promise<void> {
  const lastMs = performance.now() + startLimitMs;
  const query = `_cluster/health?wait_for_nodes=${count}&timeout=1s`;
  for (const node of nodes) {
    for (;;) {
      const reply = await fetch(`${node.url}/${query}`).catch(() => undefined);
      if (reply?.ok === true || reply?.status === 401) break;
      if (performance.now() > lastMs || (node.process?.exitCode ?? null) !== null) {
        throw new Error(`node ${node.number} does not answer: ${await logOf(node)}`);
      }
      await sleep(200);
    }
  }
}

async function logOf({ folder }: Node): Promise<string> {
  const log = join(folder, 'logs', 'ssp-test.log');
  return readFile(log, 'utf8').then(
    (text) => text.slice(-2000),
    () => 'no log',
  );
}

async function giveTo(folder: string, owner: number): Promise<void> {
  await chown(folder, owner, owner);
  for (const entry of await readdir(folder, { recursive: true })) {
    await chown(join(folder, entry), owner, owner);
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
