import { titleOf } from './links.ts';

/** The words for a redirect, in small letters: MediaWiki takes those of the site and the English one. */
const words = new Set(
  (
    'redirect|aanstuur|doorverwijzing|adkas|ailgyfeirio|alidirekto|alih|lencong|arah|aýdaw|айдау|' +
    'baw-ing|beralîkirin|birzuzendu|đổi|đổi_hướng|omdirigering|omdiriger|ohjaus|uudelleenohjaus|' +
    'pāradresācija|patrz|przekieruj|tam|přesměruj|presmeruj|preusmeritev|preusmjeri|preusmeri|' +
    'redirecció|redirección|reencaminamiento|redirecionamento|encaminamento|redireciona|redirection|rinvia|' +
    'rinvio|suuna|tilvísun|tilvisun|trimite|weiterleitung|yönlendirme|yönlendi̇rme|yönlendir|' +
    'yoʻnaltirish|átirányítás|ανακατευθυνση|перанакіраванне|перанакіраваньне|' +
    'перенаправление|перенапр|перенаправлення|пренасочване|виж|пренасочување|види|преусмери|' +
    'преусмјери|равонакунӣ|йунәлтеү|юнәлтү|հղել|վերահղում|ווייטערפירן|הפניה|תחויל|تحويل|تغییر_مسیر|' +
    'تغییرمسیر|رجوع_مکرر|ڕەوانەکردن|अनुप्रेषित|पुनर्निर्देशन|पुनर्निर्देशित|পুনর্নির্দেশ|পুননির্দেশ|' +
    'వారివైపు|దారిమార్పు|வழிமாற்று|തിരിച്ചുവിടുക|യළියොමුව|යළියොමුව|เปลี่ยนทาง|ប្តូរទីតាំងទៅ|넘겨주기|' +
    'リダイレクト|転送|重定向|重新導向|გადამისამართება'
  ).split('|'),
);

const redirect = /^\s*#([\p{L}\p{M}\u02BB\u200C_-]+)\s*:?\s*\[\[([^[\]\n]{1,500})\]\]/u;

/**
 * The title that a page leads to, `B` of `#REDIRECT: [[:b#c|d]]`; undefined where it is no redirect. The
 * place on the other page is lost.
 */
export function redirectTarget(wikitext: string): string | undefined {
  const [, word = '', link = ''] = redirect.exec(wikitext) ?? [];
  if (!words.has(word.toLowerCase())) return undefined;
  const [target = ''] = link.split('|');
  return titleOf(target);
}
