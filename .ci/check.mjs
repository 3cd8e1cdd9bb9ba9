// `npm run check`: the checks of package.json, one beside another on two cores, the longest first. What
// a check prints comes when it has ended; exit code 1 where one of them fails.
import { execFile } from 'node:child_process';

const checks = ['lint', 'python:check', 'types', 'format:check', 'layers', 'unused'];

async function worker() {
  for (let check = checks.shift(); check !== undefined; check = checks.shift()) await run(check);
}

function run(check) {
  return new Promise((resolve) => {
    execFile('npm', ['run', check], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      process.stdout.write(stdout + stderr);
      if (error !== null) process.exitCode = 1;
      resolve();
    });
  });
}

await Promise.all([worker(), worker()]);
