import { test } from 'tap';

import type { Candidate } from '../../../src/seeds/candidate.ts';
import { newCandidate } from '../../../src/seeds/candidate.ts';
import { PageNames, titleAnswer } from '../../../src/seeds/page-names.ts';

function candidate(title: string): Candidate {
  return newCandidate(title, { text: titleAnswer(title)?.answer ?? '', source: 'title' });
}

function formsOf({ forms }: Candidate): string[] {
  return Array.from(forms.values(), ({ text }) => text);
}

/** Takes redirects as forms where they are. */
function redirect(names: PageNames, alias: string, title: string): void {
  const page = names.addRedirect({ alias, title });
  if (page !== undefined) names.addForm(page, alias, 'redirect');
}

test('titles that are answers, without the bracket that tells pages apart', (t) => {
  t.strictSame(titleAnswer('The Mercury (planet)'), { answer: 'The Mercury', key: 'mercury' });
  for (const title of [
    '1984',
    'The The',
    '2012 in film',
    'List of towns',
    'Oxbow (disambiguation)',
  ]) {
    t.equal(titleAnswer(title), undefined, title);
  }
  t.end();
});

test('a redirect is a form if it is another name, up to five of them', (t) => {
  const obama = candidate('Barack Obama');
  const names = new PageNames([obama]);
  for (const alias of [
    'Obama',
    'obama!',
    'Early life of Barack Obama',
    'POTUS 44 (president)',
    'Barack Obama, Barack',
    '44',
  ]) {
    redirect(names, alias, 'Barack Obama');
  }
  redirect(names, 'Chicago', 'A page that is no candidate');
  t.strictSame(formsOf(obama), ['Barack Obama', 'Obama', 'POTUS 44', 'Barack Obama, Barack']);
  for (let n = 0; n < 9; n += 1) redirect(names, `Name ${n}`, 'Barack Obama');
  t.equal(formsOf(obama).length, 6);
  t.end();
});

test('a form that leads to another page is lost; a main name that does is ambiguous', (t) => {
  const [ann, oxbow, dune] = [candidate('Ann Lee'), candidate('Oxbow'), candidate('Dune (film)')];
  const names = new PageNames([ann, oxbow, dune]);
  redirect(names, 'The Painter', 'Ann Lee');
  redirect(names, 'Painter', 'Oxbow');
  t.strictSame(formsOf(oxbow), ['Oxbow']);
  names.note('Painter', 'Oxbow');
  names.note('Dune (novel)', 'Dune (novel)');
  names.note('Ann Lee', 'Ann Lee');
  names.note('Nobody', 'Nobody');
  t.strictSame(formsOf(ann), ['Ann Lee']);
  t.strictSame(
    [ann, oxbow, dune].map(({ isAmbiguous }) => isAmbiguous),
    [false, false, true],
  );
  t.end();
});
