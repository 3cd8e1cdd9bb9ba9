#!/usr/bin/env node
// The entry of the `ssp` command. TypeScript runs directly on Node 24 or newer; an older system
// Node hands over to the one that the `node` dev dependency brought. (It starts it beside itself: it
// cannot become another program, as Node 24 could.)
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

const major = Number(process.versions.node.split('.')[0]);
if (major >= 24) {
  await import('./keep-compiled.mjs');
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  const pinned = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(pinned)) {
    process.stderr.write(
      `ssp needs Node 24 or newer; this is ${process.version}. Run \`npm ci\` once.\n`,
    );
    process.exit(2);
  }
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    // The other one ends with this one, even where this one is killed (src/cli/launcher.ts).
    env: { ...process.env, SSP_HANDED_OVER: '1' },
  });
  // A terminal's Ctrl-C reaches both processes; this one then only waits for the other to end.
  const hasTerminal = [0, 1, 2].some((stream) => isatty(stream));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => {
      if (name !== 'SIGINT' || !hasTerminal) child.kill(name);
    });
  }
  child.on('exit', (code, name) => process.exit(code ?? 128 + (constants.signals[name] ?? 2)));
}
