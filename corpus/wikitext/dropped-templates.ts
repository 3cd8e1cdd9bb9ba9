/**
 * Templates without text of the article: sources, hatnotes, maintenance, navigation. The English names
 * hold everywhere, as wikis take over each other's templates; where such a name means another thing in
 * a language, `template-table.ts` has a row for it, which goes before.
 */
const withoutText: readonly RegExp[] = [
  // Sources
  /^(?:cite|citation|sfn|sfnp|harv|efn|refn|reflist|refbegin|refend|r|rp|ref|note|notelist|vcite)\b/,
  /^(?:citation needed|cn|fact|references?|isbn|issn|oclc|doi|jstor|pmid|google books|wayback)\b/,
  /^(?:ouvrage|article|chapitre|lien web|références|harvsp|literatur|internetquelle|webarchive)\b/,
  /^(?:dead link|cbignore|full citation|page needed|verify|unreferenced|refimprove|self-published)/,
  // Hatnotes and messages
  /^(?:main|see also|further|details|about|redirect|for|other uses|distinguish|hatnote|seealso)\b/,
  /^(?:article détaillé|voir|hauptartikel|homonymie|confusion|siehe auch|autres)/,
  /^(?:use .* (?:dates|english)|engvar|pp(?:-|$)|short description|italic title|displaytitle)/,
  /^(?:featured|good article|protected|cleanup|expand|refimprove|update|lead\b|copy ?edit|pov\b)/,
  /^(?:clarify|when|who|whom|which|where|why|vague|dubious|by whom|according to whom|undue)\b/,
  /(?:-inline| inline| section|-section)$/,
  // Navigation and sister projects
  /(?:^|[ -])(?:stub|navbox|navboxes|sidebar|portal|portail|palette|topics|footer|bottom)$/,
  /^(?:authority control|commons|wikisource|wiktionary|wikiquote|wikispecies|sister|portal|autorité)/,
  /^(?:defaultsort|coord missing|coords|subject bar|library resources|spoken wikipedia|s-|succession)/,
  /^(?:div col|colbegin|colend|col-|end|top|bottom|clear|toc|anchor|ancre|multiple image|listen)\b/,
  /^(?:ipa audio|audio|image|photo|css image|wide image|double image|panorama|external media)\b/,
];

/** The same by language: names that mean nothing, or another thing, elsewhere. */
const byLanguage: Readonly<Record<string, RegExp>> = {
  ar: /^(?:استشهاد|مصدر|مرجع|بحاجة لمصدر|مراجع|مفصلة|طالع|تصنيف كومنز)/,
  cs: /^(?:citace|citováno|doplňte zdroj|zdroj\?|hlavní článek|viz též|commonscat|portály)/,
  de: /^(?:zukunft|veraltet|lückenhaft|toter link|belege|quelle|bibisbn|navigationsleiste|normdaten|begriffsklärung|überarbeiten)/,
  es: /^(?:actualizar|desactualizado|cita (?:web|libro|publicación|noticia|requerida|enciclopedia)|obra citada|ap$|véase|vt$|principal)/,
  fa: /^(?:یادکرد|مدرک|پانویس|منبع|اصلی|نیازمند منبع)/,
  fr: /^(?:à jour|mise à jour|refnec|référence|source|plume|notes?$|sources à lier|à sourcer|quand|qui$|précision nécessaire)/,
  he: /^(?:הערה|הערות שוליים|ערך מורחב|דרוש מקור|צ-|קישור כללי|מקור)/,
  it: /^(?:aggiornare|cita$|cita (?:web|libro|news|pubblicazione|testo)|senza fonte|vedi anche|nota disambigua|citazione necessaria)/,
  ja: /^(?:出典の明記|脚注|enlink|see|efn|harv|独自研究|いつ|誰|要検証|節スタブ|参照方法)/,
  ko: /^(?:출처|웹 인용|서적 인용|저널 인용|뉴스 인용|각주|본문|주요|언제|누가)/,
  nl: /^(?:bron|citeer|appendix|zie (?:hoofdartikel|ook)|feit)/,
  pl: /^(?:aktualizacja|cytuj|odn$|fakt|przypisy|osobny artykuł|zobacz też|r$|dopracować|kto|kiedy)/,
  pt: /^(?:citar|carece de fontes|harvref|artigo principal|ver também|ref-|quando|quem)/,
  ru: /^(?:обновить|устарело|книга|статья|публикация|нет аи|источник|нет источника|main|основная статья|см\. также|когда|кто\?|что\?|где\?|навигация|примечания|уточнить)/,
  sv: /^(?:källa behövs|webbref|bokref|tidskriftsref|tidningsref|huvudartikel|noter|fotnot)/,
  tr: /^(?:kaynak|webarşiv|web kaynağı|kitap kaynağı|haber kaynağı|ana madde|dergi kaynağı)/,
  uk: /^(?:джерело|книга|стаття|немає аі|основна стаття|див\. також|примітки|публікація)/,
  zh: /^(?:来源请求|來源請求|来源|來源|注|main|fact|何时|谁|原創研究|需要解释)/,
};

const allLanguages = Object.values(byLanguage);

/**
 * Whether a template, named in small letters, says nothing about the page's subject. A name in letters
 * that are not Latin means the same everywhere.
 */
export function isWithoutText(name: string, language: string): boolean {
  const [base = ''] = language.split('-');
  const own = /^\p{Script=Latin}/u.test(name) ? [byLanguage[base]] : allLanguages;
  return [...own, ...withoutText].some((pattern) => pattern?.test(name) === true);
}
