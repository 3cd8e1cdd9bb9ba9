// The peer of report.bench.ts: unpacks and parses the files named on its command line, each as a whole.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

let questions = 0;
for (const path of process.argv.slice(2)) {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').split('\n').slice(0, -1);
  questions += lines.map((line) => JSON.parse(line) as unknown).length;
}
process.stdout.write(`${questions}\n`);
