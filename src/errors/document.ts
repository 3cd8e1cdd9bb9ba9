import { writeFile } from 'node:fs/promises';

import { catalogue } from './catalogue.ts';
import { encoderServerErrors } from './encoder-server.ts';
import type { CatalogueEntry } from './entry.ts';
import { policyErrors } from './policy.ts';

const exitMeanings: Readonly<Record<CatalogueEntry['exitCode'], string>> = {
  2: 'the input or the options are wrong',
  3: 'the machine or a service failed',
  130: 'interrupted',
};

/** The catalogue as the Markdown of ERRORS.md, sorted by code. */
export function errorsDocument(rows: Readonly<Record<string, CatalogueEntry>>): string {
  const sections = Object.entries(rows)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, row]) =>
        `## ${code}\n\n${row.message}\n\n- What to do: ${row.remedy}\n` +
        `- HTTP ${row.status}; exit code ${row.exitCode} (${exitMeanings[row.exitCode]})\n`,
    );
  return `# Errors

Written by \`npm run docs\` from \`src/errors\`; do not edit by hand. A command prints
\`error CODE: message\` and what to do; the service replies \`{code, message, remedy, details}\`.
\`{name}\` stands for a value. Codes are never reused.

${sections.join('\n')}`;
}

/** The rows that the Python services read, as the JSON of their error_catalogue.json. */
export function policyCatalogue(): string {
  return `${JSON.stringify({ ...policyErrors, ...encoderServerErrors }, null, 2)}\n`;
}

// `npm run docs`: the documents that are made from the code. A test holds them in step.
if (import.meta.main) {
  const root = new URL('../../', import.meta.url);
  const policyFile = new URL('services/policy/ssp_policy/error_catalogue.json', root);
  await writeFile(new URL('ERRORS.md', root), errorsDocument(catalogue));
  await writeFile(policyFile, policyCatalogue());
}
