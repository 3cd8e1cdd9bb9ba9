import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BlockList, isIP } from 'node:net';

import { parseNetwork } from '../../src/config/networks.ts';
import type { ServiceConfig } from '../../src/config/service.ts';
import { shown, SspError } from '../../src/errors/error.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * The bearer token of a service: from `config.tokenFile`, else from SSP_TOKEN in `env`, else none.
 * Throws SSP_TOKEN_REQUIRED without one where other machines reach the address and neither `insecure`
 * nor `allow` lets them in, SSP_TOKEN_INVALID, SSP_FILE_NOT_FOUND, SSP_ALLOW_USELESS.
 */
export async function serviceToken(
  config: ServiceConfig,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  refuseUselessAllow(config);
  const { tokenFile, host, insecure, allow } = config;
  if (tokenFile !== undefined) return checkedToken(await readToken(tokenFile), tokenFile);
  if (env['SSP_TOKEN'] !== undefined) return checkedToken(env['SSP_TOKEN'], 'SSP_TOKEN');
  if (!isLoopback(host) && !insecure && allow.length === 0)
    throw new SspError('SSP_TOKEN_REQUIRED', { host });
  return undefined;
}

/** Whether only this machine reaches `host`. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** Networks that would let nobody in, or change nothing: whoever names some means something by it. */
function refuseUselessAllow({ host, insecure, allow }: ServiceConfig): void {
  if (allow.length === 0) return;
  const useless = (problem: string): SspError =>
    new SspError('SSP_ALLOW_USELESS', { networks: shown(allow.join(', ')), problem });
  if (insecure) throw useless('with --insecure everybody is let in');
  const allowed = blockList(allow);
  const isOfHere =
    holds(allowed, '127.0.0.1') ||
    holds(allowed, '::1') ||
    allow.some((each) => holds(loopback, parseNetwork(each).address));
  if (isLoopback(host) && !isOfHere) throw useless(`${host} is reached by this machine only`);
}

/** Who is answered, but for the routes that are open to all. */
export interface Access {
  /** In words, for people. */
  readonly text: string;
  /** Whether a request may come without a token. */
  readonly takesNone: boolean;
  /**
   * Why a request is not answered: SSP_UNAUTHORIZED, SSP_ADDRESS_REFUSED; undefined where it is.
   * `address` is that of the connection: what a header says of others is not asked.
   */
  refusal(address: string | undefined, authorization: string | undefined): SspError | undefined;
}

/**
 * With a token, whoever carries it; without, everybody. `config.allow` names networks that need none,
 * and without a token only these and this machine are answered.
 */
export function accessOf({ allow, host }: ServiceConfig, token: string | undefined): Access {
  const allowed = blockList(allow);
  const isAllowed = (address: string): boolean =>
    holds(allowed, address) || (token === undefined && holds(loopback, address));
  return {
    text: accessText(allow, token !== undefined, host),
    takesNone: token === undefined || allow.length > 0,
    refusal(from = '', authorization) {
      const address = plainAddress(from);
      if (allow.length === 0 && token === undefined) return undefined;
      if (isAllowed(address)) return undefined;
      if (token === undefined) return new SspError('SSP_ADDRESS_REFUSED', { address });
      return carriesToken(authorization, token) ? undefined : new SspError('SSP_UNAUTHORIZED', {});
    },
  };
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix, family } of networks.map(parseNetwork)) {
    list.addSubnet(address, prefix, family);
  }
  return list;
}

/** An IPv4 address that came to an IPv6 socket (`::ffff:10.0.0.1`) is in the networks of IPv4. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '');
}

function holds(networks: BlockList, plain: string): boolean {
  const family = isIP(plain);
  return family !== 0 && networks.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

function accessText(allow: readonly string[], hasToken: boolean, host: string): string {
  const token = 'a token, in the header `authorization: Bearer <token>`';
  const networks = allow.join(', ');
  if (hasToken) return allow.length === 0 ? token : `${token}; none from ${networks}`;
  if (allow.length > 0) return `without a token, from this machine and ${networks} only`;
  return `without a token${isLoopback(host) ? '' : ', from anywhere'}`;
}

/** Whether an Authorization header carries `token`; takes the same time for every wrong one. */
export function carriesToken(header: string | undefined, token: string): boolean {
  const given = /^bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function readToken(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new SspError('SSP_FILE_NOT_FOUND', { what: 'token file', path });
  }
}

const leastTokenLength = 16;

function checkedToken(text: string, source: string): string {
  const token = text.trim();
  const invalid = (problem: string): SspError =>
    new SspError('SSP_TOKEN_INVALID', { source, problem });
  if (token.length < leastTokenLength) throw invalid(`it has ${token.length} characters`);
  if (!/^[!-~]+$/.test(token)) throw invalid('it holds other characters');
  return token;
}
