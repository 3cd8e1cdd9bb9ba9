import { readdirSync, statSync } from 'node:fs';

/** One requirement of a file that `npm run python:lock` wrote. */
export interface Requirement {
  readonly name: string;
  /** `numpy==2.4.6`, without the platforms that it is for. */
  readonly spec: string;
  /** As it stands in the file: with its platforms and hashes, over several lines. */
  readonly text: string;
}

/** The requirements of a locked file in their order; none for a file without any. */
export function lockedRequirements(file: string): Requirement[] {
  const blocks = file.split(/\n(?=\S)/).filter((block) => /^[a-z0-9]/i.test(block));
  return blocks.map((text) => {
    const [spec = '', name = ''] = /^([\w.-]+)==[\w.+!-]+/.exec(text) ?? [];
    return { name, spec, text: text.trimEnd() };
  });
}

/** True for PyTorch and for what only the build of it brings that the index itself has, on Linux. */
export function belongsToTorch({ name }: Requirement): boolean {
  return /^(torch|triton|(nvidia|cuda)-.*)$/.test(name);
}

/** `torch==2.13.0` and its like: the package that an index of its own may give. */
export interface TorchSource {
  /** Address of a package index, or a folder of wheels. */
  readonly place: string;
  /** What to install and from where, in flags of pip and uv. */
  readonly flags: readonly string[];
}

/**
 * Where another build of PyTorch comes from than the index's own, which brings CUDA on Linux: from
 * SSP_TORCH_INDEX, the address of an index (such as https://download.pytorch.org/whl/cpu) or a folder of
 * wheels; else from a folder of pip's or uv's find-links that has such a build of this version
 * (`torch-2.13.0+cpu-...whl`). Its hash is not known here. Undefined without either.
 */
export function torchSource(
  spec: string,
  environment: NodeJS.ProcessEnv = process.env,
): TorchSource | undefined {
  const place = environment['SSP_TORCH_INDEX'] || folderWithBuild(spec, environment);
  if (!place) return undefined;
  const from = isFolder(place)
    ? ['--no-index', '--find-links', place]
    : ['--extra-index-url', place];
  return { place, flags: [...from, spec] };
}

function folderWithBuild(spec: string, environment: NodeJS.ProcessEnv): string | undefined {
  const links = [environment['UV_FIND_LINKS'], environment['PIP_FIND_LINKS']].join(' ');
  const build = `${spec.replace('==', '-')}+`;
  return links
    .split(/[\s,]+/)
    .filter((link) => isFolder(link))
    .find((folder) => readdirSync(folder).some((file) => file.startsWith(build)));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
