import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { test } from 'tap';
import { z } from 'zod';

import { openChatTemplates } from '../../../src/chat/chat-template.ts';
import { dateText } from '../../../src/chat/jinja/globals.ts';
import { SspError } from '../../../src/errors/error.ts';
import { installedPythonEnvironment } from '../../../src/python/environment.ts';
import { pythonVariables } from '../../../src/python/process.ts';
import { randomTemplates } from './template-pieces.ts';

// What transformers writes, or how it refuses; golden/templates.py has the templates.
const outcomeSchema = z.object({ text: z.string().optional(), error: z.string().optional() });
const goldenSchema = z.object({
  values: z.record(z.string(), z.unknown()),
  cases: z.array(outcomeSchema.extend({ template: z.string() })),
});
const golden = goldenSchema.parse(
  JSON.parse(
    await readFile(new URL('../../material/chat/golden/templates.json', import.meta.url), 'utf8'),
  ),
);
const values = { ...golden.values, tools: null, documents: null, add_generation_prompt: false };

async function rendered(folder: string, template: string): Promise<string | SspError> {
  try {
    await writeFile(join(folder, 'chat_template.jinja'), template);
    return (await openChatTemplates(folder)).render(values);
  } catch (error) {
    if (error instanceof SspError) return error;
    throw error;
  }
}

// Jinja that is refused here: each with what the error names. Nothing is rendered otherwise.
const refused: Readonly<Record<string, string>> = {
  '1e5': '{{ 1e5 }}',
  range: 'printing a function',
  namespace: 'printing a function',
  'range(3)': 'printing a range',
  'table.items()': 'printing a dict_items',
  "people | map(attribute='name')": 'printing a generator',
  '(-8) ** 0.5': 'a power that is too large or a complex number',
  "'%s' % 1": 'the operator % on text',
  '9007199254740993 + 0': 'a whole number as large as 9007199254740992',
  '1 < 2 < 3': 'a chain of comparisons without brackets',
  '3 > 2 > 2': 'a chain of comparisons without brackets',
  "'a' + 'b' ~ 'c'": "'~' after '+' or '-' without brackets",
  'none[1:]': 'a slice of a NoneType',
  'table.items': 'printing a function',
  'table.get': 'printing a function',
  'text.__class__': 'the attribute __class__',
  "text.startswith('H', 2)": 'startswith() with a start or an end',
  "'ßa'.capitalize()": 'the title case of ß',
  "'²'.isdigit()": 'isdigit() of digits such as ²',
  "'a'.zfill(3)": 'the method zfill() of text',
  "'{}'.format(1)": 'the method format() of text',
  "'a'.center(5)": 'the method center() of text',
  "'ff' | int(0, 16)": 'the filter int with a base',
  "'٣' | int": 'a number in other digits than 0 to 9',
  "'a' | center(5)": "the filter 'center'",
  '2.567 | round(1)': "the filter 'round'",
  "'<a>' | escape": "the filter 'escape'",
  "'<a>' | e": "the filter 'e'",
  "'<a>' | safe": "the filter 'safe'",
  "'a b' | wordcount": "the filter 'wordcount'",
  'seven is divisibleby(7)': "'(' right after a test",
  'seven is divisibleby 7': "'7' right after a test",
  'seven is eq(7)': "'(' right after a test",
  'none is sameas(none)': "'(' right after a test",
  '1 is in([1])': "'(' right after a test",
  "dict([('a', 1)])": 'dict() of something else than a dict',
  "joiner(', ')": 'the function joiner',
  'cycler(1, 2).next()': 'the function cycler',
  'lipsum()': 'the function lipsum',
  "'\\d'": "'\\d'",
  "'\\101'": "'\\101'",
  "'a\\\nb'": "'a\\\nb'",
  "'\\N{BULLET}'": "'\\N{BULLET}'",
  "'\\U0001F642'": "'\\U0001F642'",
  '{1: 2}': 'a dict with a key of the type int',
  '(1,)': '{{ (1,) }}',
  '()': '{{ () }}',
  '1_000': '{{ 1_000 }}',
  '0x1F': '{{ 0x1F }}',
  '1.5e3': '{{ 1.5e3 }}',
  '{% for x in numbers %}{{ loop.changed(x) }}{% endfor %}': 'loop.changed()',
  '{% for x in numbers %}{{ loop }}{% endfor %}': 'printing a loop',
  '{% for x in numbers recursive %}{{ x }}{% endfor %}': '{% for x in numbers recursive %}',
  '{% set x | upper %}a{% endset %}{{ x }}':
    '{% set %} of something else than names and attributes',
  '{% macro f() %}a{% endmacro %}{{ f }}': 'printing a function',
  '{% macro f() %}a{% endmacro %}{{ f.name }}': 'the attribute name of a function',
  '{% with x = 1 %}{{ x }}{% endwith %}': '{% with x = 1 %}',
  '{% block x %}a{% endblock %}': '{% block x %}',
  "{% autoescape true %}{{ '<' }}{% endautoescape %}": '{% autoescape true %}',
  "strftime_now('%Q') | length > 0": '%Q in the format of strftime_now',
};

test('pieces of templates are written as Python writes them, or refused by name', async (t) => {
  const folder = t.testdir({});
  const seen = new Set<string>();
  for (const { template, text, error } of golden.cases) {
    const found = await rendered(folder, template);
    const key = template.replace(/^\{\{ (.*) \}\}$/s, '$1');
    const construct = refused[key];
    if (construct !== undefined) {
      seen.add(key);
      t.match(found, { code: 'SSP_CHAT_TEMPLATE_UNSUPPORTED' }, template);
      t.ok(found instanceof SspError && found.message.includes(construct), construct);
    } else if (error !== undefined) {
      t.match(found, { code: /^SSP_CHAT_TEMPLATE_/ }, `${template}: ${error}`);
    } else {
      t.equal(found, text, template);
    }
  }
  t.same([...seen], Object.keys(refused), 'each refusal is of a case that Python renders');
});

test('what a template refuses is said in its own words', async (t) => {
  const found = await rendered(t.testdir({}), "{{ raise_exception('no: ' ~ [1, none]) }}");
  const details = { problem: 'no: [1, None]' };
  t.match(found, { code: 'SSP_CHAT_TEMPLATE_FAILED', details });
});

test('dates are written in English, as in the C locale', (t) => {
  const date = new Date(2026, 2, 1, 13, 5, 9);
  t.equal(
    dateText(date, '%A %a %d %B %b %m %Y %y, %H %I %M %S %p %%'),
    'Sunday Sun 01 March Mar 03 2026 26, 13 01 05 09 PM %',
  );
  t.equal(dateText(new Date(2026, 11, 31, 0, 0), '%I %p'), '12 AM');
  t.end();
});

test('whole numbers too large for JavaScript are not rounded', async (t) => {
  await writeFile(join(t.testdir({}), 'chat_template.jinja'), '{{ seed }}');
  const templates = await openChatTemplates(t.testdirName);
  t.equal(templates.render({ seed: 9007199254740991 }), '9007199254740991');
  t.throws(() => templates.render({ seed: 1e20 }), { code: 'SSP_CHAT_TEMPLATE_UNSUPPORTED' });
});

const environment = await installedPythonEnvironment();
const skip =
  environment === undefined && 'no Python environment; `npm run python -- --version` makes it';

for (const isBare of [false, true]) {
  const kind = isBare ? ', and without brackets' : '';
  test(`templates at random are written as Python writes them${kind}`, { skip }, async (t) => {
    const templates = fc.sample(randomTemplates({ isBare }), 400);
    const script = fileURLToPath(
      new URL('../../material/chat/golden/templates.py', import.meta.url),
    );
    const output = execFileSync(environment?.python ?? '', [script, '-'], {
      input: JSON.stringify(templates),
      env: pythonVariables(),
      maxBuffer: 1e9,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const outcomes = z.array(outcomeSchema).parse(JSON.parse(output.toString()));
    const folder = t.testdir({});
    let equal = 0;
    for (const [i, { text, error }] of outcomes.entries()) {
      const template = templates[i] ?? '';
      const found = await rendered(folder, template);
      if (text === undefined) {
        // Without brackets many are no Jinja at all; the library's parser takes some of them.
        if (!isBare) t.match(found, { code: /^SSP_/ }, `${JSON.stringify(template)}: ${error}`);
      } else if (found instanceof SspError) {
        t.equal(found.code, 'SSP_CHAT_TEMPLATE_UNSUPPORTED', JSON.stringify(template));
      } else {
        t.equal(found, text, JSON.stringify(template));
        equal += 1;
      }
    }
    t.ok(equal > 100, `${equal} of 400 are rendered`);
  });
}
