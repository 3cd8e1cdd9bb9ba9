import { runLines } from './process.ts';

/** Which settings of uv mean the same as pip's; in pip's, several values stand in one, in uv's too. */
const names: Readonly<Record<string, string>> = {
  'index-url': 'UV_DEFAULT_INDEX',
  'find-links': 'UV_FIND_LINKS',
  'trusted-host': 'UV_INSECURE_HOST',
  'no-index': 'UV_NO_INDEX',
  cert: 'SSL_CERT_FILE',
};

/**
 * What pip is told by its files and variables of the index, of folders with packages and of
 * certificates, as variables of uv, which reads none of it. Further indexes (extra-index-url) are left
 * out: the packages are pinned by hashes that the main one has. {} without pip.
 */
export async function pipSettings(python: string): Promise<NodeJS.ProcessEnv> {
  const found: Record<string, string> = {};
  // Files come first and the environment last, as pip itself has it.
  const rank = (line: string): number =>
    ['global.', 'install.', ':env:.'].findIndex((part) => line.startsWith(part));
  const lines: string[] = [];
  await runLines(python, ['-m', 'pip', 'config', 'list'], undefined, (line) => lines.push(line));
  for (const line of lines.sort((a, b) => rank(a) - rank(b))) {
    const [, name = '', value = ''] =
      /^(?:global|install|:env:)\.([\w-]+)='(.*)'$/.exec(line) ?? [];
    const values = value.split(/\\n|\s/).filter((part) => part !== '');
    const own = names[name];
    if (own !== undefined) found[own] = values.join(name === 'find-links' ? ',' : ' ');
  }
  return found;
}
