const fewestWords = 8;
const mostWords = 40;

/** Stands where a name was taken out. */
export const blank = '____';

/** The sentences of a text that say something by themselves: of 8 to 40 words. */
export function tellingSentences(text: string): string[] {
  return text.split(/(?<=[.!?])\s+/).filter((sentence) => {
    const words = sentence.split(/\s+/).length;
    return words >= fewestWords && words <= mostWords && !sentence.includes('�');
  });
}

/**
 * The sentence with `mark` in place of the longest form that it names, as often as it does. Undefined
 * where it names none, and where a form is left in it.
 */
export function without(
  sentence: string,
  forms: readonly string[],
  mark: string = blank,
): string | undefined {
  const form = longestFirst(forms).find((one) => named(one).test(sentence));
  if (form === undefined) return undefined;
  const rest = sentence.replaceAll(named(form), mark);
  return holdsOne(rest, forms) ? undefined : rest;
}

/** Whether one of the forms stands in the text, also inside a word, in any case. */
export function holdsOne(text: string, forms: readonly string[]): boolean {
  const lowered = text.toLowerCase();
  return forms.some((form) => lowered.includes(form.toLowerCase()));
}

function named(form: string): RegExp {
  const words = form.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  return new RegExp(`(?<![\\p{L}\\p{N}])${words}(?![\\p{L}\\p{N}])`, 'gu');
}

function longestFirst(forms: readonly string[]): string[] {
  return [...forms].sort((a, b) => b.length - a.length);
}
