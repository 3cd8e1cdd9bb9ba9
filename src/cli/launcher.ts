import { readFileSync } from 'node:fs';

const checkMs = 500;

/**
 * Calls `end` once a program that only stands between the user and this process is gone: npx or `npm run`
 * with its shell, or the older Node that has handed over. A shell ends by SIGTERM without passing it on, so
 * `npx ssp serve & kill $!` would leave the server behind. Whoever started the command itself may go.
 */
export function onLauncherEnd(end: () => void, env: NodeJS.ProcessEnv = process.env): void {
  const links = launcherLinks(env);
  if (links === 0) return;
  const begun = ancestors(links);
  const timer = setInterval(() => {
    if (ancestors(links).join() === begun.join()) return;
    clearInterval(timer);
    end();
  }, checkMs);
  timer.unref();
}

/** How many processes above this one are launchers: npm has its shell before it. */
function launcherLinks(env: NodeJS.ProcessEnv): number {
  const { npm_command: command, npm_package_name: name, SSP_HANDED_OVER } = env;
  const byNpm = command === 'exec' || (command === 'run-script' && name === 'ssp');
  return (byNpm ? 2 : 0) + (SSP_HANDED_OVER === '1' ? 1 : 0);
}

/** The process ids above this one, at most `links`; where there is no /proc, the first alone. */
function ancestors(links: number): number[] {
  const chain = [process.ppid];
  while (chain.length < links) {
    const above = parentOf(chain.at(-1) ?? 0);
    if (above === undefined) break;
    chain.push(above);
  }
  return chain;
}

function parentOf(pid: number): number | undefined {
  try {
    // `pid (name) state ppid ...`, where the name may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
