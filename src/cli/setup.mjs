// Makes a clone ready: installs the packages of package-lock.json where that has not been done yet,
// and removes what this machine cannot run. Flags go on to npm: `--omit=dev` leaves the tools out.
// Plain JavaScript without imports of packages, so that any Node that npm runs on can start it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

if (!isInstalled()) install();
removeForeignBinaries();

/**
 * Whether node_modules holds what the lock file says, by npm's own list of what it installed there (and
 * by the folders, as `npm install --package-lock-only` writes that list too); optional packages may be
 * missing from it, as those of other platforms are.
 */
function isInstalled() {
  const installed = packagesOf('node_modules/.package-lock.json');
  if (installed === undefined) return false;
  const { '': _, ...wanted } = packagesOf('package-lock.json');
  const isRight = ([path, { version, integrity, optional }]) =>
    path in installed
      ? installed[path].version === version &&
        installed[path].integrity === integrity &&
        existsSync(new URL(path, root))
      : optional === true;
  return (
    Object.entries(wanted).every(isRight) && Object.keys(installed).every((path) => path in wanted)
  );
}

function packagesOf(file) {
  const url = new URL(file, root);
  return existsSync(url) ? JSON.parse(readFileSync(url, 'utf8')).packages : undefined;
}

function install() {
  process.stderr.write('Installing the packages of package-lock.json (once; 0.8 GB on disk) ...\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['ci', '--no-audit', '--no-fund', ...process.argv.slice(2)];
  const { status, error } = spawnSync(npm, args, {
    cwd: fileURLToPath(root),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  process.stderr.write(
    `npm ci failed${error ? `: ${error.message}` : ''}. Check the network or the npm registry setting, then run the same command again.\n`,
  );
  process.exit(3);
}

/** onnxruntime-node brings its libraries for every platform at once; all but this one's go. */
function removeForeignBinaries() {
  const all = new URL('node_modules/onnxruntime-node/bin/napi-v6/', root);
  const own = `${process.platform}/${process.arch}`;
  if (!existsSync(new URL(own, all))) return;
  const foreign = readdirSync(all)
    .flatMap((platform) => readdirSync(new URL(platform, all)).map((arch) => `${platform}/${arch}`))
    .filter((folder) => folder !== own);
  let bytes = 0;
  for (const folder of foreign) {
    const url = new URL(`${folder}/`, all);
    for (const file of readdirSync(url)) bytes += statSync(new URL(file, url)).size;
    rmSync(url, { recursive: true });
  }
  if (foreign.length === 0) return;
  process.stderr.write(
    `Removed ONNX Runtime for other platforms (${foreign.join(', ')}): ${Math.round(bytes / 1e6)} MB.\n`,
  );
}
