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
