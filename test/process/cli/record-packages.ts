import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

// Given to Node by --import, in its threads too: writes the package of every module that is loaded to the
// file LOADED_PACKAGES, a line a module.
const file = process.env['LOADED_PACKAGES'] ?? '';
registerHooks({
  load(url, context, next) {
    const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
    if (name !== undefined) appendFileSync(file, `${name}\n`);
    return next(url, context);
  },
});
