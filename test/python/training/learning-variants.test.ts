import t, { test } from 'tap';

import { skip } from '../../material/policy/served-policy.ts';
import { trainVariants } from './train-variants.ts';

t.setTimeout(900_000); // some ten short runs, on whatever machine this is

test('each variant of learning runs two steps by configuration alone', { skip }, (t) =>
  trainVariants(t, ({ overrides }) => overrides['game'] === undefined),
);
