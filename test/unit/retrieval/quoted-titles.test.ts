import { test } from 'tap';

import { requireSameEncoder } from '../../../src/retrieval/encoder.ts';
import { passageText } from '../../../src/retrieval/passage-store.ts';
import { standInEncoder } from '../../material/retrieval/stand-in-encoder.ts';

const plain = standInEncoder({ passagePrefix: 'passage: ' }).description;
const quoted = { ...plain, quotedTitles: true } as const;

test('a passage is embedded as the publishers of wiki-18 did, where that is asked for', (t) => {
  const passage = { title: 'Aaron', text: 'A prophet.' };
  t.equal(passageText(plain, passage), 'passage: Aaron\nA prophet.');
  t.equal(passageText(quoted, passage), 'passage: "Aaron"\nA prophet.');
  t.equal(passageText(plain, { ...passage, title: '' }), 'passage: A prophet.');
  t.equal(passageText(quoted, { ...passage, title: '' }), 'passage: ""\nA prophet.');
  t.end();
});

test('an index of quoted titles is refused to an encoder without them, and the other way', (t) => {
  for (const [recorded, given] of [
    [plain, quoted],
    [quoted, plain],
  ] as const) {
    t.throws(
      () => {
        requireSameEncoder('x', recorded, given);
      },
      {
        code: 'SSP_ENCODER_MISMATCH',
        message: /quotedTitles is (?:true|absent), the index has (?:true|absent)/,
      },
    );
  }
  t.doesNotThrow(() => {
    requireSameEncoder('x', quoted, { ...quoted });
  });
  t.end();
});
