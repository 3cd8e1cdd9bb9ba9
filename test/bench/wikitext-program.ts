// Run by corpus-peers.bench.ts: `wikitext-program.ts DUMP.xml PASSES` prints the processor seconds of each
// pass over a dump: its XML read, its articles made into passages and written as JSON, in one thread.
import { readFileSync } from 'node:fs';

import { DumpParser } from '../../corpus/dump-parser.ts';
import { passagesOfPage } from '../../corpus/page-task.ts';
import { corpusConfig } from '../../src/config/corpus.ts';

const [path = '', passes = '1'] = process.argv.slice(2);
const options = corpusConfig.parse({});
const names = { fileNames: [], categoryNames: [], linkPrefixes: '' };

/** The characters of JSON that a pass gives: what is not used might not be made. */
function passOver(): number {
  const parser = new DumpParser();
  parser.write(readFileSync(path, 'utf8'));
  let characters = 0;
  for (const page of parser.take()) {
    if (page.namespace !== 0 || page.redirect !== undefined) continue;
    const { title, text, timestamp } = page;
    const request = {
      id: '1',
      url: undefined,
      title,
      text,
      language: 'en',
      editedAt: timestamp,
      ...names,
    };
    characters += JSON.stringify(passagesOfPage(request, options)).length;
  }
  return characters;
}

const seconds: number[] = [];
for (let pass = 0; pass < Number(passes); pass += 1) {
  const started = process.cpuUsage();
  passOver();
  const { user, system } = process.cpuUsage(started);
  seconds.push((user + system) / 1e6);
}
process.stdout.write(JSON.stringify(seconds));
