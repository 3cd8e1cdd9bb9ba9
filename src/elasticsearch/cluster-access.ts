import { readFile } from 'node:fs/promises';

import type { ElasticsearchConfig } from '../config/elasticsearch.ts';
import { messageOf, SspError } from '../errors/error.ts';

/** What a cluster is shown, and whom its certificate must come from. Never printed, never stored. */
export interface ClusterAccess {
  readonly auth?:
    { readonly apiKey: string } | { readonly username: string; readonly password: string };
  /** PEM. */
  readonly ca?: string;
}

/**
 * The access that files of the configuration or the environment give; none of them is needed of an open
 * cluster. Throws SSP_CLUSTER_ACCESS where it is given twice, by halves, or by a file that cannot be read.
 */
export async function readClusterAccess(
  {
    apiKeyFile,
    loginFile,
    caFile,
  }: Pick<ElasticsearchConfig, 'apiKeyFile' | 'loginFile' | 'caFile'>,
  environment: NodeJS.ProcessEnv,
): Promise<ClusterAccess> {
  const given = (name: string): string | undefined => environment[name] || undefined;
  const apiKey =
    apiKeyFile === undefined ? given('SSP_ELASTICSEARCH_API_KEY') : await secretIn(apiKeyFile);
  const login =
    loginFile === undefined
      ? loginOf(given('SSP_ELASTICSEARCH_USER'), given('SSP_ELASTICSEARCH_PASSWORD'))
      : loginIn(loginFile, await secretIn(loginFile));
  if (apiKey !== undefined && login !== undefined) {
    throw unusable('both an API key and a user are given');
  }
  const path = caFile ?? given('SSP_ELASTICSEARCH_CA');
  return {
    ...(login === undefined ? {} : { auth: login }),
    ...(apiKey === undefined ? {} : { auth: { apiKey: headerSafe(apiKey, 'API key') } }),
    ...(path === undefined ? {} : { ca: await certificateIn(path) }),
  };
}

function loginOf(username: string | undefined, password: string | undefined) {
  if (username !== undefined && password !== undefined) return { username, password };
  if (username === undefined && password === undefined) return undefined;
  const missing = username === undefined ? 'USER' : 'PASSWORD';
  throw unusable(`SSP_ELASTICSEARCH_${missing} is missing beside the other of the two`);
}

function loginIn(path: string, text: string) {
  const colon = text.indexOf(':');
  if (colon < 1) throw unusable(`${path} does not hold user:password`);
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

async function secretIn(path: string): Promise<string> {
  const text = (await read(path)).trim();
  if (text !== '' && !text.includes('\n')) return text;
  throw unusable(`${path} does not hold one line`);
}

async function certificateIn(path: string): Promise<string> {
  const text = await read(path);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw unusable(`${path} holds no certificate in PEM`);
}

function headerSafe(secret: string, what: string): string {
  if (/^[\x21-\x7e]+$/.test(secret)) return secret;
  throw unusable(`the ${what} has characters that no header can carry`);
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw unusable(`${path} cannot be read (${messageOf(error)})`);
  });
}

function unusable(problem: string): SspError {
  return new SspError('SSP_CLUSTER_ACCESS', { problem });
}
