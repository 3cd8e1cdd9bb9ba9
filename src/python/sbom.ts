import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { terminalProgress } from '../progress/terminal-progress.ts';
import { writeFileAtomic } from '../storage/atomic-file.ts';
import { createFolder } from '../storage/create-folder.ts';
import { findPython } from './interpreter.ts';
import { findUv } from './uv.ts';

// `npm run sbom [-- <folder>]`: writes what an installation brings besides this project, as CycloneDX
// bills of materials made from the two lock files: npm.cdx.json and python.cdx.json in `sbom`.
const pythonTool = 'cyclonedx-bom==7.5.0';
const root = fileURLToPath(new URL('../../', import.meta.url));
const out = process.argv[2] ?? 'sbom';
const uv = await findUv(await findPython(), { progress: terminalProgress(process.stderr) });
const isolated = ['tool', 'run', '--no-config', '--from', pythonTool];

await createFolder(out);
await write('npm.cdx.json', 'npm', [
  ...['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--omit=dev'],
]);
await write('python.cdx.json', uv?.program ?? 'uv', [
  ...[...isolated, 'cyclonedx-py', 'requirements', 'services/policy/requirements.txt'],
  ...['--pyproject', 'services/policy/pyproject.toml', '--output-reproducible'],
]);

async function write(name: string, program: string, args: readonly string[]): Promise<void> {
  const { status, stdout, error } = spawnSync(program, args, {
    ...{ cwd: root, encoding: 'utf8', maxBuffer: 256 * 2 ** 20 },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) {
    process.stderr.write(`${program} ${args.join(' ')} ended with ${status ?? String(error)}\n`);
    process.exit(3);
  }
  const bill = JSON.parse(stdout) as { components: readonly unknown[] };
  await writeFileAtomic(join(out, name), stdout);
  process.stdout.write(`${join(out, name)}: ${bill.components.length} packages\n`);
}
