const marks = /''+/g;

/**
 * Takes the marks of bold and italic text (`'''`, `''`) out of a wikitext and leaves the apostrophes
 * that show: one of `''''`, and one of `l'''Iliade''`, where a mark too many of each kind says that it
 * is an apostrophe before italics. As MediaWiki's parser divides them, line by line
 * (https://www.mediawiki.org/wiki/Help:Formatting). Linear in the length.
 */
export function removeQuoteMarks(wikitext: string): string {
  if (!wikitext.includes("''")) return wikitext;
  return wikitext.split('\n').map(removeFromLine).join('\n');
}

function removeFromLine(line: string): string {
  let [bolds, italics] = [0, 0];
  for (const [{ length }] of line.matchAll(marks)) {
    if (length !== 2) bolds += 1;
    if (length === 2 || length >= 5) italics += 1;
  }
  const isUneven = bolds % 2 === 1 && italics % 2 === 1;
  const apostrophe = isUneven ? apostropheOf(line) : -1;
  const shown = line.replaceAll(marks, (mark, index: number) => {
    if (index === apostrophe || mark.length === 4) return "'";
    return "'".repeat(Math.max(mark.length - 5, 0));
  });
  // A sign that a mark stood before begins no list and no heading.
  return line.startsWith("''")
    ? shown.replace(/^[*#:;=]/, (sign) => `&#${sign.charCodeAt(0)};`)
    : shown;
}

const betweenLetters = /(?<=(.?)\p{L})'''(?=[\p{L}[])/gu;

/**
 * Which `'''` is an apostrophe and italics: the first behind a word of one letter, else behind a
 * longer word. MediaWiki goes on to one behind a blank; that is a mark which somebody forgot to end. -1
 * where there is none.
 */
function apostropheOf(line: string): number {
  const found = [...line.matchAll(betweenLetters)];
  return (found.find((match) => !/\S/.test(match[1] ?? '')) ?? found[0])?.index ?? -1;
}
