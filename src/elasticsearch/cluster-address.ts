import { SspError } from '../errors/error.ts';

/** Where an index lies in a cluster. */
export interface ClusterAddress {
  /** `https://host:9200`, one or several nodes of one cluster. */
  readonly nodes: readonly string[];
  /** The alias or index. */
  readonly name: string;
}

const schemes = /^elasticsearch\+(?<protocol>https?):\/\//i;
const usualPort = 9200;
/** What Elasticsearch takes as a name, without what would mean several or a command. */
const names = /^[a-z\d][a-z\d._-]{0,180}$/;

/** Whether a text that names an index means one in a cluster, right or wrong: not a folder. */
export function isClusterAddress(text: string): boolean {
  return /^elastic\w*(\+\w*)?:/i.test(text) || /^[a-z][a-z\d+.-]*:\/\//i.test(text);
}

/**
 * Reads `elasticsearch+https://host:port,host:port/path/name`; the port is 9200 unless it is given, the
 * path is that of a proxy. Throws SSP_CLUSTER_ADDRESS, whose text repeats no secret.
 */
export function parseClusterAddress(text: string): ClusterAddress {
  const protocol = schemes.exec(text)?.groups?.['protocol'];
  if (protocol === undefined)
    throw wrong('it does not begin with elasticsearch+https:// or elasticsearch+http://');
  const parts = parseNodes(protocol.toLowerCase(), text.replace(schemes, ''));
  const steps = parts.path.split('/').filter((step) => step !== '');
  const name = steps.pop();
  if (name === undefined) throw wrong('the name of the index is missing after the host: /wiki');
  return { nodes: nodesOf(parts, steps), name: checkedName(name) };
}

/**
 * Reads the address of a cluster, `https://host:9200` or with `elasticsearch+` before it, to which `name`
 * is added. Throws SSP_CLUSTER_ADDRESS.
 */
export function clusterAddressOf(text: string, name: string): ClusterAddress {
  const plain = /^(?:elasticsearch\+)?(?<protocol>https?):\/\//i;
  const protocol = plain.exec(text)?.groups?.['protocol'];
  if (protocol === undefined) throw wrong('it does not begin with https:// or http://');
  const parts = parseNodes(protocol.toLowerCase(), text.replace(plain, ''));
  const steps = parts.path.split('/').filter((step) => step !== '');
  return { nodes: nodesOf(parts, steps), name: checkedName(name) };
}

/** The nodes as they are shown in texts. */
export function shownCluster({ nodes }: Pick<ClusterAddress, 'nodes'>): string {
  return nodes.join(',');
}

/** What is given as `--index` to search this. */
export function indexAddress({ nodes, name }: ClusterAddress): string {
  const [first = ''] = nodes;
  const [, protocol = '', , path = ''] = nodeParts.exec(first) ?? [];
  const hosts = nodes.map((node) => nodeParts.exec(node)?.[2] ?? node);
  return `elasticsearch+${protocol}://${hosts.join(',')}${path}/${name}`;
}

/** Not by `URL`, which leaves the ports 80 and 443 out. */
const nodeParts = /^(https?):\/\/([^/]+)(.*)$/;

interface AddressParts {
  readonly protocol: string;
  readonly hosts: readonly string[];
  readonly path: string;
}

function parseNodes(protocol: string, rest: string): AddressParts {
  if (rest.includes('@')) {
    throw wrong(
      'it holds a user or a password, which would be seen in logs and in lists of processes',
    );
  }
  if (/[?#]/.test(rest)) throw wrong('it has a query (?) or a fragment (#)');
  if (/[\s\\]/.test(rest)) throw wrong('it has a space or a backslash');
  const [hosts = '', ...steps] = rest.split('/');
  if (hosts === '') throw wrong('the host is missing');
  return { protocol, hosts: hosts.split(','), path: steps.join('/') };
}

function nodesOf({ protocol, hosts }: AddressParts, steps: readonly string[]): string[] {
  const path = steps.map((step) => `/${step}`).join('');
  return hosts.map((host) => {
    const isPorted = /:\d+$/.test(host) && !/^\[[^\]]*$/.test(host);
    const text = `${protocol}://${isPorted ? host : `${host}:${usualPort}`}`;
    if (!URL.canParse(text)) throw wrong(`"${host}" is no host with a port`);
    return `${text.toLowerCase()}${path}`;
  });
}

function checkedName(name: string): string {
  if (names.test(name)) return name;
  throw wrong(
    `"${name}" cannot be the name of an index: lower-case letters, digits, dots, dashes and underscores, beginning with a letter or digit`,
  );
}

function wrong(problem: string): SspError {
  return new SspError('SSP_CLUSTER_ADDRESS', { problem });
}
