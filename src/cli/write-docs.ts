import { writeFile } from 'node:fs/promises';

import { catalogue } from '../errors/catalogue.ts';
import { errorsDocument, policyCatalogue } from '../errors/document.ts';

// `npm run docs`: the documents that are made from the code. A test holds them in step.
const root = new URL('../../', import.meta.url);
await writeFile(new URL('ERRORS.md', root), errorsDocument(catalogue));
await writeFile(
  new URL('services/policy/ssp_policy/error_catalogue.json', root),
  policyCatalogue(),
);
