import { renderConvert } from './convert.ts';
import {
  renderAgeAtDeath,
  renderAsOf,
  renderDate,
  renderDateAndAge,
  renderDayFirst,
  renderDayFirstAndAge,
  renderFilmDate,
  renderSortDate,
} from './dates.ts';
import { eraPatterns, eraRows } from './eras.ts';
import * as pageTime from './page-time.ts';
import { renderParserFunction } from './parser-functions.ts';
import * as phrases from './phrases.ts';
import * as quantities from './quantities.ts';
import { renderStringFunction, stringFunction } from './string-functions.ts';
import type { PageContext, TemplateCall } from './template-call.ts';
type Renderer = (call: TemplateCall, context: PageContext) => string;

const argument =
  (n: number): Renderer =>
  (call) =>
    call.at(n);
const text =
  (value: string): Renderer =>
  () =>
    value;
const first = argument(1);
const second = argument(2);

/**
 * Renderers and the names of the templates they are for, in lower case; `fr:s-` is the template of
 * that name in French only.
 */
const rows: readonly (readonly [Renderer, string])[] = [
  // Quantities
  [(call) => renderConvert(call), 'convert,conv,converter,convertir'],
  [(call) => renderConvert(call, true), 'cvt'],
  [quantities.renderVal, 'val,value'],
  [
    quantities.renderFormatNumber,
    'formatnum,format num,nombre,number,formatnumber,nts,number table sorting',
  ],
  [quantities.renderFraction, 'frac,fraction,sfrac,fract'],
  [quantities.renderHeight, 'height'],
  [quantities.renderPercentAndNumber, 'percent and number'],
  [quantities.renderInflation, 'inflation'],
  [quantities.renderUnitNumber, 'unité,unit,unite,tmp,unidade'],
  [
    quantities.renderCoordinates,
    'coord,coor,coor dms,coor dm,coor d,coor at dms,coor at dm,coor at d',
  ],
  [quantities.renderElevation, 'höhe'],
  [quantities.renderHour, 'heure,fr:h'],
  [quantities.renderExponent, 'e,10^,exp'],
  [quantities.renderFormula, 'chem,chem2,chemical formula'],
  [quantities.currency('US$'), 'us$,usd,us dollar'],
  [quantities.currency('£'), '£,gbp,pound sterling'],
  [quantities.currency('€'), '€,euro,eur'],
  [quantities.currency('¥'), '¥,jpy,yen'],
  [quantities.currency('A$'), 'a$,aud'],
  [quantities.currency('C$'), 'c$,cad,canadian dollar'],
  [quantities.currency('₹'), '₹,inr,indian rupee,rupee'],
  [quantities.currency('₩'), '₩,krw'],
  [quantities.currency('₱'), '₱,php'],
  [first, 'railgauge,track gauge,gauge,pop density,percentage,sigfig,rnd,round'],
  [phrases.renderPopulations, 'us census population,historical populations,historical population'],
  [phrases.renderBar, 'bar percent,bartable'],
  [phrases.renderNuclide, 'nuclide,nuclide2,simplenuclide,simplenuclide2'],
  // Dates
  [
    renderDate,
    'birth date,bd,dob,birth-date,start date,start-date,end date,end-date,death date,death-date,' +
      'birth date and age,birthdate and age,bda,birth-date and age,start date and age,' +
      'end date and age,start and end date,birthdate,b-da,birth year and age,birth year,death year,' +
      'date of birth,launch date,release date,disestablished date,fecha de inicio,fecha de fin,' +
      'født,fødselsdato,födelsedatum,födelsedatum och ålder,datum narození,datum narození a věk,dnv,' +
      'doğum tarihi,doğum tarihi ve yaşı,ngày sinh,ngày sinh và tuổi,lahirmati,출생일,출생일과 나이,' +
      '生年月日,生年月日と年齢,出生日期,تاريخ الميلاد,تاريخ الميلاد والعمر,датум рођења,rođen',
  ],
  [
    renderDateAndAge,
    'death date and age,dda,death-date and age,death year and age,ddma,dödsdatum och ålder,' +
      'datum úmrtí a věk,duv,ölüm tarihi ve yaşı,ngày mất và tuổi,사망일과 나이,تاريخ الوفاة والعمر',
  ],
  [phrases.renderLife, 'zh:bd,zh:生卒,zh:生卒年'],
  [renderAgeAtDeath, '没年齢,死亡年月日と没年齢'],
  [renderFilmDate, 'film date,filmdate'],
  [renderSortDate, 'dts,date table sorting,sort date'],
  [renderAsOf, 'as of,asof,as of?'],
  [
    renderDayFirst,
    'date,date-,fecha,data,дата,datum,date de naissance,naissance,dob-d,fecha de nacimiento,' +
      'nacimiento,nascimento,data de nascimento,data de nascimento e idade,pt:dni,dtlink,' +
      'дата рождения,дата народження,др,дн,date rapide',
  ],
  [
    renderDayFirstAndAge,
    'date de décès,décès,fecha de fallecimiento,fallecimiento,fecha de defunción,muerte,pt:morte,' +
      'falecimento,data da morte,дата смерти,дата смерті,дс',
  ],
  ...eraRows,
  [(call) => [call.at(1), call.at(2)].filter((part) => part !== '').join(' '), 'oldstyledate,osd'],
  [
    (call) =>
      [call.at(1), call.at(2), call.at(3) && `[O.S. ${call.at(3)}]`].filter(Boolean).join(' '),
    'oldstyledatedy,old style date',
  ],
  [pageTime.renderAge, 'age,age nts,edad,âge,età,idade,возраст,yaş,wiek,alder,ålder,leeftijd'],
  [pageTime.renderAgeInYears, 'age in years,age in years nts'],
  [pageTime.renderAgeInDays, 'age in days,age in days nts'],
  [pageTime.renderAgeInYearsAndDays, 'age in years and days,age in years and days nts,ayd'],
  [pageTime.renderAgeInYearsAndMonths, 'age in years and months'],
  [pageTime.renderAgeInFull, 'age in years, months and days'],
  [pageTime.renderTimeAgo, 'time ago,timeago'],
  [pageTime.renderYearsAgo, 'years ago,years or months ago'],
  [pageTime.renderToday, 'time'],
  [pageTime.renderYear, 'year'],
  [pageTime.monthYear(0), 'monthyear'],
  [pageTime.monthYear(-1), 'monthyear-1'],
  [pageTime.monthYear(1), 'monthyear+1'],
  [phrases.renderCirca, 'circa,c.,ca.,ca,around,approx'],
  [phrases.span('fl.'), 'floruit,fl,fl.'],
  [phrases.span('r.'), 'reign,r.'],
  [phrases.span('b.'), 'born in,b.'],
  [phrases.span('d.'), 'died,d.'],
  // Languages and names
  [phrases.renderLang, 'lang,langue,transl,transliteration,script,langx-text'],
  [phrases.renderNihongo, 'nihongo,nihongo krt,nihongo foot,nihongo2,nihongo3'],
  [phrases.renderScripts, 'zh,korean,hangul,ko-hhrm,zh-full,zh-c,zh-cp'],
  [phrases.renderForeignLink, 'ill,interlanguage link,interlanguage link multi,lien,illm,ill2'],
  [phrases.renderSortName, 'sortname,sort name,sortkeyname'],
  [phrases.renderMarriage, 'marriage'],
  [phrases.renderFlag, 'flag,flagcountry,flagu,country,flag country,flaglist,flagteam,drapeau2'],
  [phrases.renderShip, 'uss,hms,hmas,hmcs,ss,ms,rms,mv,ship,usns,uscgc,ins,sms'],
  [phrases.renderVerse, 'bibleverse,bibleref,bibleref2,bibleverse with brackets'],
  // Text around text
  [
    first,
    'small,smaller,big,bigger,large,larger,huge,nowrap,nobr,nobreak,nobold,noitalic,nb,nw,center,' +
      'centre,centered,left,right,vanchor,visible anchor,anchored,abbr,tooltip,not a typo,typo,' +
      'sic,as written,lang-text,gloss,mvar,var,math,mathspan,strong,em,italic,bold,underline,u,' +
      'smallcaps,sc,sc2,smallcaps2,midsize,normal,delink,no wrap,mono,code,kbd,samp,tt,key,keypress,' +
      'allcaps,nocaps,lc,uc,overline,highlight,hl,text,plain,wikt-lang,linktext,wiktionary inline,' +
      'ipa,ipa-all,ipalink,angbr,unicode,polytonic,script/hebrew,hebrew,rtl-lang,' +
      'sub,su,audio-nohelp,zh-text,japanese,popdens,smn,numéro,n°,exposant,petit,citation étrangère,' +
      // Marks of doubt around the words that are doubted
      'citation needed span,cn span,cnspan,reference necessary,ref needed span,disputed span,clarify span,' +
      'it:senza fonte,es:cita requerida,ja:要出典範囲,ja:要検証範囲,zh:来源请求范围,zh:來源請求範圍,fr:quand,' +
      'fr:qui,fr:où,fr:combien,fr:lesquels,fr:précision nécessaire,fr:pas clair,fr:référence souhaitée,' +
      'fr:référence à confirmer,fr:source insuffisante,fr:passage non neutre,fr:référence insuffisante,' +
      'référence nécessaire,refnec,souligner,surligner,nobr romains,romain,aut,écrit',
  ],
  [
    second,
    'sort,tri,resize,longitem,font color,color,colour,color box,audio,pronunciation,font,' +
      'colored link,hover title,hidden begin,stacked,page white',
  ],
  [(call) => call.at(2) || call.at(1), 'longitem,url,official url,website,lien web texte,page'],
  [
    phrases.renderList,
    'plainlist,plain list,ubl,unbulleted list,ublist,hlist,flatlist,flat list,bulleted list,blist,' +
      'ordered list,collapsible list,cslist,comma separated entries,br separated entries,' +
      'newline separated entries,enum,horizontal list,indented plainlist,pagelist,liste,' +
      'liste simple,liste éléments,startplainlist',
  ],
  [
    phrases.renderContent,
    'columns-list,columns list,cols,div col content,poem,poemquote,verse,block indent,indent,' +
      'colonnes,boîte déroulante,hidden,collapse,retrait,resize content,wikitext',
  ],
  [
    phrases.renderQuote,
    'quote,quotation,blockquote,bquote,cquote,quote box,quotebox,rquote,centered pull quote,' +
      'pull quote,citation bloc,es:cita,zitat,citat,début citation,citação,citazione',
  ],
  [(call) => `« ${call.at(1) || call.get('citation', 'texte')} »`, 'fr:citation,fr:« »'],
  [phrases.renderLegend, 'legend,légende,legend0,legend2,legend inline'],
  [phrases.before('vol.'), 'vol.,volume'],
  [phrases.before('no.'), 'no.,number sign,numero'],
  // Keys that tables are sorted by, and what stands beside a page's title
  [
    text(''),
    'coor title dms,coor title dm,coor title d,coor title,ntsh,nts hidden,number table sorting hidden,dtsh,dts hidden,date table sorting hidden,hs,' +
      'hidden sort,hidden sort key,hsk,sort key,sh,shs,displaynone,display none,hid,ordinalsort,' +
      'tri caché,sortierung,sortkey hidden,invisible',
  ],
  [second, 'sortkey,sorteer,ordenar,tri1'],
  // Signs
  [text('|'), '!'],
  [text('||'), '!!'],
  [text('{|'), '(!'],
  [text('|}'), '!)'],
  [text('|-'), '!-'],
  [text('|+'), '!+'],
  [text('='), '='],
  [text(' '), 'nbsp,spaces,space,thinsp,sp,nnbsp,clear,clr,-,br,break,col-break,pad,hair space,0'],
  [text(' – '), 'ndash,snd,spnd,spaced ndash,en dash,spaced en dash,dash,endash'],
  [text(' — '), 'mdash,em dash,spaced em dash,emdash,—'],
  [text(' · '), '·,dot,middot,interpunct,bullet,•,bold dot'],
  [text(' / '), '/,\\'],
  // As entities: an apostrophe beside a mark of italics is none of them.
  [text('&#39;'), "'"],
  [text('&#39;s'), "'s"],
  [text('"'), '"\',"\''],
  [text('°'), 'degree,deg'],
  [text('×'), 'times,×'],
  [text('±'), '±,plusmn'],
  [text('π'), 'pi'],
  [text('†'), 'dagger'],
  [text('Yes'), 'yes,ya,oui,aye,tick,yes2'],
  [text('No'), 'no,nay,non,cross,no2,na'],
  [text('1er'), '1er'],
  [text('1re'), '1re'],
];

const table: ReadonlyMap<string, Renderer> = new Map(
  rows.flatMap(([renderer, names]) =>
    names.split(/,(?! )/).map((name): [string, Renderer] => [name, renderer]),
  ),
);

/** Renderers for names that follow a pattern. */
const patterns: readonly (readonly [RegExp, Renderer])[] = [
  [/^formatnum:/, quantities.renderFormatNumber],
  [stringFunction, renderStringFunction],
  [pageTime.timeVariable, pageTime.renderTimeVariable],
  [/^lang-[a-z]/, phrases.renderLangName],
  [/^langx$/, (call) => call.at(2)],
  [/^ipac-[a-z]/, (call) => `/${call.positional.join('')}/`],
  [/^ipa-[a-z]/, (call) => call.at(1)],
  [/^(?:full)?pagename(?:e)?$/, (_call, context) => context.title],
  ...eraPatterns,
  [/^#\p{L}/u, renderParserFunction],
];

/**
 * The wikitext that stands for a template with text of its own; undefined for templates that are
 * not in the table. The forms are those that English Wikipedia shows.
 */
export function renderKnown(call: TemplateCall, context: PageContext): string | undefined {
  const [language = ''] = context.language.split('-');
  const renderer =
    table.get(`${language}:${call.name}`) ??
    table.get(call.name) ??
    patterns.find(([pattern]) => pattern.test(call.name))?.[1];
  return renderer?.(call, context);
}
