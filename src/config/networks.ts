import { isIPv4, isIPv6 } from 'node:net';

/** A block of addresses: all whose first `prefix` bits are those of `address`. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

const bitsOf = { ipv4: 32, ipv6: 128 } as const;
const mappedBits = 96;

/**
 * The network that CIDR notation names (RFC 4632, RFC 4291): `10.0.0.0/8`, `fd00::/8`, or one address.
 * IPv4 written as IPv6 (`::ffff:10.0.0.0/104`) is the IPv4 network. Throws an Error that says what is
 * wrong: no such notation, a prefix out of range, bits set beyond the prefix.
 */
export function parseNetwork(text: string): Network {
  const [, address = '', length] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  if (family === undefined) throw new Error('give a network such as 10.0.0.0/8 or fd00::/8');
  const bits = bitsOf[family];
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) throw new Error(`a prefix of this family is 0 to ${bits} bits long`);
  const number = family === 'ipv4' ? numberOfV4(address) : numberOfV6(address);
  const beyond = BigInt(bits - prefix);
  const first = (number >> beyond) << beyond;
  if (first !== number) {
    const meant = family === 'ipv4' ? `${textOfV4(first)}/${prefix}` : 'that begins the network';
    throw new Error(`bits are set beyond its prefix; give the address ${meant}`);
  }
  if (family === 'ipv6' && prefix >= mappedBits && number >> 32n === 0xffffn) {
    const last = textOfV4(number & 0xffff_ffffn);
    return { address: last, prefix: prefix - mappedBits, family: 'ipv4' };
  }
  return { address, prefix, family };
}

function numberOfV4(address: string): bigint {
  return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function textOfV4(number: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 255n)).join('.');
}

function numberOfV6(address: string): bigint {
  // As a URL has it, no part is written in the way of IPv4.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = [], after = []] = plain
    .split('::')
    .map((side) => side.split(':').filter((part) => part !== ''));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce(
    (sum, part) => (sum << 16n) | BigInt(`0x${part}`),
    0n,
  );
}
