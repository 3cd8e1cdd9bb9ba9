import type { Random } from '../../src/types/random.ts';

/**
 * The 300 words that names are made of. They were made from syllables and chosen so that none occurs
 * in 280,711 word forms of real text (the Wikipedia passages, dumps and question sets the project is
 * tested with, and BERT's vocabulary), no two share an English stem, and any two differ in at least
 * two letters. Every world uses the same words in other combinations, so a word-level vocabulary
 * of the world is closed.
 */

/** First words of a name; a name of three words has two of these. */
export const firstWords: readonly string[] = `
  Bauvim Beimu Biernov Bilvon Bolon Brazov Bregel Brieben Brievul Brodul Bronim Brostel Brumbul
  Bulen Daundar Davar Diskim Doalva Dogey Drailka Drasku Draurul Drolkim Druvim Farnov Faumey
  Fierton Flelkim Flemey Flidim Fluvo Foarnul Fobar Gauska Giben Glado Glastel Gleiney Glerim
  Globon Glurnen Gornov Goskim Grairti Gralko Grani Greinov Grendo Greven Groabu Groalov Grorel
  Gruma Gumben Haivim Hielkey Janul Jeimbi Jelku Jeven Joalvo Jolkel Josta Jubov Kainey Kauki
  Kredul Krinar Kroanul Lailku Lernim Leskar Loarey Maugo Meimbel Meiskar Melko Mernu Narov
  Noaki Noley Nulvey Paiskar Pambon Paunov Plaikar Plailko Plenov Plezar Plikey Ploakim Praidim
  Praki Prembu Prilel Prora Purtar Quali Quauski Queikul Quiebu Quiedel Seimon Skaimov Skaza
  Skiri Skornel Soama Stagey Stainim Stasku Stelkim Stenon Stiezim Stoambo Stoki Stomul Stovov
  Stundar Sturim Tagen Tharnel Thavi Theikel Theirni Thizu Thulkar Tierov Treiken Trenul Trura
  Trustar Vakar Veisken Viekov Vurten Waivov Wieko Wikim Woaven Wostar Wuvel Zalkey Zebel
  Zeirnon Zeiski Zendey Zeskov Zindo Zumon
`
  .trim()
  .split(/\s+/);

/** Last words of a name. */
export const lastWords: readonly string[] = `
  Bailirm Baubend Bebump Bieruth Biezond Boneft Brerong Brilift Bromeng Brureth Brurirm Bubond
  Daimend Daivoth Danuth Debozt Deizolm Dibimp Dobulm Dovoft Dranirm Drelong Drogezt Drovilt
  Duboth Fabemp Farend Feilunt Fimurg Firank Flazack Folalm Furisk Geidezt Geiluck Girunt
  Glererk Glivink Goazark Gramand Grebark Gregomp Grilurm Hageng Haivosk Hamaft Heimuck Helunk
  Hiebuth Hiemank Higaft Jaugild Jegask Jeivelm Jelink Jeneft Jerump Jiebirm Jiedack Jovamp
  Kamack Keizick Kevurm Kezald Kradent Kramunk Krelaft Krerurm Krogurk Lanold Lebeng Lenint
  Lezorm Lielund Loadark Luvorg Mabomp Magizt Mogorg Mozalt Nalank Nanalm Negund Neiromp Nevont
  Nezemp Niebend Niedith Pageld Palath Plebank Plemulm Ponarg Poveck Prarult Primezt Progold
  Prolund Promang Pronick Provoth Quanimp Quebozt Quudunt Quuzolt Raibunt Reizurm Revend Rievong
  Roaluzt Robock Rogozt Ronirm Ruvift Ruzund Sauvalt Siborm Siemock Skunont Stemuzt Stevend
  Stirunt Sudamp Sugeft Sumand Taunolm Tazuft Teililt Temark Thenack Thodozt Trazath Varurg
  Vazilm Vegeng Veidesk Viedirk Voadank Wamamp Weigunt Wigorm Woabeth Wolusk Ziebezt Ziland
  Zobolt Zodith Zomirk Zovang Zuleng
`
  .trim()
  .split(/\s+/);

const pairs = firstWords.length * lastWords.length;
const triples = firstWords.length * (firstWords.length - 1) * lastWords.length;

/** Share of names of three words while there are names of two words to be had. */
const tripleShare = 0.1;

/** At most so many names have two words: with more, most word pairs would be taken. */
export const maxPairs = 20_000;

/** How many names there are at all. */
export const maxNames = maxPairs + triples;

/**
 * `count` different names as numbers for {@link nameText}, in random order. One in ten has three
 * words; past {@link maxPairs} names of two words all further ones have three. Throws RangeError
 * for more than {@link maxNames}.
 */
export function drawNames(count: number, random: Random): Int32Array {
  const pairCount = Math.min(Math.ceil(count * (1 - tripleShare)), maxPairs);
  const short = drawDistinct(pairCount, pairs, random);
  const long = drawDistinct(count - pairCount, triples, random);
  const names = [...short, ...long.map((name) => name + pairs)];
  return drawDistinct(count, count, random).map((from) => names[from] ?? 0);
}

/** The words of the name numbered `name`. */
export function nameText(name: number): string {
  const last = lastWords[name % lastWords.length] ?? '';
  if (name < pairs) return `${firstWords[Math.floor(name / lastWords.length)] ?? ''} ${last}`;
  const rest = Math.floor((name - pairs) / lastWords.length);
  const first = rest % firstWords.length;
  const step = Math.floor(rest / firstWords.length) + 1;
  const second = (first + step) % firstWords.length;
  return `${firstWords[first] ?? ''} ${firstWords[second] ?? ''} ${last}`;
}

/** `count` different numbers below `limit`: Fisher-Yates over an array that is never written out. */
function drawDistinct(count: number, limit: number, random: Random): Int32Array {
  if (count > limit) throw new RangeError(`There are ${limit} names, not ${count}.`);
  const moved = new Map<number, number>();
  return Int32Array.from({ length: count }, (_, at) => {
    const from = at + random.below(limit - at);
    const drawn = moved.get(from) ?? from;
    moved.set(from, moved.get(at) ?? at);
    return drawn;
  });
}
