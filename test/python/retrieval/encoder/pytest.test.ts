import t, { test } from 'tap';

import { packageFolder, runPytest, skip } from '../../../material/python/run-pytest.ts';

t.setTimeout(600_000); // PyTorch is loaded, on whatever machine this is

test('the Python tests of the embeddings server', { skip }, (t) =>
  runPytest(t, packageFolder('encoder'), 'tests'),
);
