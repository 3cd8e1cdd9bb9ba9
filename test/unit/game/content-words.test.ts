import { test } from 'tap';

import { contentWords } from '../../../src/game/content-words.ts';

test('function words and those of asking are left out, in any case', (t) => {
  const words = (text: string): string[] => [...contentWords(text)];
  t.same(words('Which city is the Capital of LATVIA?'), ['city', 'capital', 'latvia']);
  t.same(words('What is the name of the one that you were called in the question?'), []);
  t.same(words('Kitzbühel’s Alps in 1998, 3.5 km'), ['kitzbühel', 'alps', '1998', '3', '5', 'km']);
  t.same(words('？！ ...'), []);
  t.end();
});

test('scripts without spaces give their signs, others their words with their marks', (t) => {
  t.same([...contentWords('東京はABC')], ['東', '京', 'は', 'abc']);
  t.same([...contentWords('दिल्ली Москва ﬁne')], ['दिल्ली', 'москва', 'fine']);
  t.end();
});
