import { test } from 'tap';

import { valuesInText } from '../../../src/seeds/phrase-finder.ts';

function found(text: string): string[] {
  return [...valuesInText(text)].map(({ topic, forms }) => `${topic} ${forms.join(' = ')}`);
}

test('dates in both orders, months, and years behind a word that makes them one', (t) => {
  t.strictSame(found('Born on 25 May 1814, she died on June 3, 1902.'), [
    'date 25 May 1814 = May 25, 1814',
    'date June 3, 1902 = 3 June 1902',
  ]);
  t.strictSame(found('It opened in 1906, closed in March 1950 and was rebuilt from 1951 on.'), [
    'date 1906',
    'date March 1950',
    'date 1951',
  ]);
  t.strictSame(found('Name: Flemey Nevont; Founded: 1823.'), ['date 1823']);
  t.strictSame(
    found('Some 1906 houses, the 1980s, in 1980s, in 1939–45, by 2150, flight 1984.'),
    [],
  );
  t.end();
});

test('numbers with marked thousands or a unit; what follows a bracket repeats one', (t) => {
  t.strictSame(found('It has 24,400 inhabitants on 12.5 km and a span of 24 m (78 ft 9 in).'), [
    'number 24,400',
    'number 12.5 km',
    'number 24 m',
  ]);
  t.strictSame(found('A length of 340\u00a0km, or 50 percent.'), [
    'number 340 km',
    'number 50 percent',
  ]);
  t.strictSame(found('$4,000 and £5,000, 7 sisters, 12 mice, M25, v1.2, 1,234x, 5 mothers'), []);
  t.end();
});
