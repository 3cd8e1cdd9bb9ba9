import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import t, { test } from 'tap';
import wtf from 'wtf_wikipedia';

import { missingShared, sharedFile } from '../../bench/shared-data.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { dumpOf } from '../../material/corpus/build-request.ts';

t.setTimeout(1_200_000); // whole dumps, three times, on whatever machine this is

const dayMs = 86_400_000;
const shiftedClock = new URL('./shifted-clock.ts', import.meta.url).href;

/** Machines with another clock, place and language. */
const machines: readonly NodeJS.ProcessEnv[] = [
  { SHIFT_MS: '0', TZ: 'UTC', LC_ALL: 'C' },
  { SHIFT_MS: String(3655.6 * dayMs), TZ: 'Pacific/Kiritimati', LC_ALL: 'de_DE.UTF-8' },
  { SHIFT_MS: String(-2222.3 * dayMs), TZ: 'America/Los_Angeles', LC_ALL: 'hi_IN.UTF-8' },
];

/** Builds a corpus of `paths` on each machine; the bytes of each one's files, one after the other. */
async function builtOnEach(
  folder: string,
  paths: readonly string[],
  on = machines,
): Promise<Buffer[]> {
  const built: Buffer[] = [];
  for (const [number, machine] of on.entries()) {
    const out = join(folder, `out-${number}`);
    const env = { ...machine, NODE_OPTIONS: `--import ${shiftedClock}` };
    const { exitCode, stderr } = await ssp(['corpus', 'build', ...paths, '--out', out], env);
    if (exitCode !== 0) throw new Error(stderr);
    const files = readdirSync(out).sort();
    built.push(Buffer.concat(files.map((file) => readFileSync(join(out, file)))));
  }
  return built;
}

/** Every template that the library had a rule for before ours took some away. */
function libraryTemplates(): string[] {
  const names: string[] = [];
  wtf.extend((_models: unknown, templates: object) => names.push(...Object.keys(templates)));
  return names;
}

/** What the variants of a template with a rule for dates or numbers may be given. */
const argumentLists = [
  ...[
    '',
    '|1990|1|1',
    '|1990-01-01',
    '|2005',
    '|1990|1|1|2000|2|2',
    '|January 5, 1990',
    '|12345.5',
  ],
  ...['|12345|23456|2', '|year=1990|month=3|day=2', '|date=2001-02-03', ':1990|1|1'],
];

/** Templates of the brief that the library has no rule for, and ways past the template reader. */
const trickyCalls = [
  ...['{{as of}}', '{{years or months ago|1944|12}}', '{{for year month day|1990|1|1}}'],
  ...[
    '{{birth-date and age|9 October 1940}}',
    '{{#time:j F Y}}',
    '{{#timel:Y|now}}',
    '{{LOCALDAY2}}',
  ],
  ...['{{CURRENTTIMESTAMP}}', '{{CURRENTWEEK}}', '{{REVISIONMONTH}}', '{{subst:CURRENTYEAR}}'],
  ...['{<b></b>{age|1990|1|1}<i></i>}', '{{{CURRENTYEAR}}}', '[[{{CURRENTYEAR}} in film]]'],
  '{| class="wikitable"\n! {{CURRENTYEAR}}\n|-\n| {{age|1990|1|1}}\n|}',
];

function everyTemplate(extra: string): string {
  const pages = libraryTemplates().map((name) => ({
    title: `Template ${name}`,
    text: argumentLists.map((list) => `Now {{${name}${list}}} or then.`).join('\n\n'),
    extra,
  }));
  const tricky = trickyCalls.map((call, n) => ({
    title: `Call ${n}`,
    text: `== {{CURRENTYEAR}} ==\nNow ${call} or then.\n{{Infobox x|a=${call}|b={{age|1990|1|1}}}}`,
    extra,
  }));
  return dumpOf([...pages, ...tricky]).replaceAll(
    '<revision>',
    '<revision><timestamp>2016-04-22T10:19:33Z</timestamp>',
  );
}

test('no template of the library gives another corpus on another day or machine', async (t) => {
  const dated = everyTemplate('<ns>0</ns>');
  const undated = dated.replaceAll(/<timestamp>.*?<\/timestamp>/g, '');
  for (const [name, dump] of Object.entries({ dated, undated })) {
    const folder = t.testdir();
    writeFileSync(join(folder, 'w.xml'), dump);
    const [here, ...elsewhere] = await builtOnEach(folder, [join(folder, 'w.xml')]);
    for (const bytes of elsewhere) t.ok(here?.equals(bytes), name);
  }
});

test(
  'no real dump gives another corpus on another day or machine',
  { skip: missingShared('mediawiki') },
  async (t) => {
    const isDump = (name: string): boolean => /\.xml(?:\.bz2)?$/.test(name);
    for (const folder of ['mediawiki', 'mediawiki/minidumps']) {
      const names = readdirSync(sharedFile(folder)).filter(isDump).sort();
      const paths = names.map((name) => sharedFile(`${folder}/${name}`));
      const [here, ...elsewhere] = await builtOnEach(t.testdir(), paths, machines.slice(0, 2));
      for (const bytes of elsewhere) t.ok(here?.equals(bytes), folder);
    }
  },
);
