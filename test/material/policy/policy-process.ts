import { execFileSync } from 'node:child_process';

/** The policy service that a training has started: its child that runs Python; undefined without. */
export function policyProcessOf(training: number): number | undefined {
  const children = execFileSync('ps', ['-o', 'pid=,ppid=,args=', '-A']).toString();
  const line = children
    .split('\n')
    .map((text) => /^ *(\d+) +(\d+) .*ssp_policy/.exec(text))
    .find((found) => Number(found?.[2]) === training);
  return line?.[1] === undefined ? undefined : Number(line[1]);
}
