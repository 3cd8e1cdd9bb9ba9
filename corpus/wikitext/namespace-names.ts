// What wikis call, and once called, the namespaces of files and categories, in all languages in which
// MediaWiki has a name of its own for them. Old pages keep old names, and pages that were copied from
// another wiki keep its names, whatever the dump says of its own. Words that titles begin with
// (`Class:`, `Figure:`) are left out: a dump names them where they are namespaces.

const files =
  'aafbeilding|abruozdielis|afbeelding|archivi|archivo|archivu|arkivo|arquivo|attēls|' +
  'barakas|beeld|beld|belld|berkas|bestaand|bestand|beureukaih|bielde|bild|bilde|biliþ|' +
  'billede|chitro|coadan|dadai|dataja|datei|datoteca|datoteka|delwedd|dencukaay|dosiero|' +
  'dossia|dosya|dosye|eʼelyaaígíí|faidhle|fail|fails|fasciculus|fayl|faýl|feil|fexeiro|' +
  'ficheiro|fichero|ficheru|fichier|fichièr|fichiér|fichye|fiila|fiileq|fil|fisye|' +
  'fitxategi|fitxer|fiùra|fişier|fișier|foto|fájl|fáìlì|gambar|gefre|grafika|hình|' +
  'imachen|imagem|imagen|imagine|imago|imahen|imajen|imajo|imatge|imaxe|imaxen|imej|' +
  'immaggine|immagine|immàgini|imådje|irudi|kuva|kép|ladawan|litratu|lêer|magod|' +
  'mmàggini|mynd|nagh beq|obraz|obrázok|ofbeeldienge|ofbeelding|ofbyld|papeles|payl|' +
  'paypay|picha|pilt|plaetje|plik|ragiv|resim|restr|restren|rikcha|räsem|sary|' +
  "seswantšho|skeda|skeudenn|slika|soubor|su'wret|swret|súbor|ta'ãnga|talaksan|tasvir|" +
  'tiedosto|tugna|tóng-àn|tập tin|usòrò|vaizdas|waihona|wobraz|wêne|ymele|àwòrán|' +
  'ákwúkwó orünotu|émâge|íomhá|òbrôzk|īxiptli|şəkil|αρχείο|αρχείον|εικόνα|εικόναν|акс|' +
  'артовкс|афаил|билэ|боомг|видъ|выява|датотека|дѣло|зображення|зураг|зург|изображение|' +
  'картинка|ныв|няйф|ойуу|податотека|ресим|рәсем|слика|сурат|суред|сурет|сурт|файл|хlум|' +
  'ӳкерчĕк|պատկեր|בילד|טעקע|קובץ|תמונה|انځور|تصویر|دوتنه|سۋرەت|صورة|عڪس|فَیِل|فائل|فايل|ملف|' +
  'پرونده|پەڕگە|ھۆججەت|ܠܦܦܐ|ފައިލު|ފައިލް|किपा|चित्र|चित्रं|चित्रम्|पटिमा|চিত্র|চিত্ৰ|' +
  'ছবি|ਤਸਵੀਰ|ચિત્ર|ଫାଇଲ|படிமம்|దస్త్రం|ఫైలు|బొమ్మ|ಚಿತ್ರ|ചി|ചിത്രം|പ്ര|പ്രമാണം|ගොනුව|' +
  'රූපය|ภาพ|ไฟล์|ຮູບ|სურათი|ფაილი|ስዕል|រូបភាព|ឯកសារ|ファイル|图|图像|圖|圖像|文件|文檔|档|档案|檔|檔案|画像|그림|' +
  '파일|𐍆𐌴𐌹𐌻𐌰';

const categories =
  'abdeeling|bólkur|catadorie|catagóir|categoreye|categori|categoria|categorie|category|' +
  'categorìa|categoría|categorîa|categuria|categurìa|catigurìa|catègorie|catégorie|' +
  'flocc|flokkur|jamii|kaarangay|kadegorie|kalasi|kateggoría|kategooria|kategoreja|' +
  'kategori|kategoria|kategorie|kategorii|kategoriija|kategorija|kategorio|kategoriya|' +
  'kategoriye|kategoriýa|kategory|kategorya|kategoryjo|kategoría|kategorî|kateguorėjė|' +
  'kategòrëjô|kategória|katejori|kateqoriya|katigoria|katiguriya|kattegerie|kattejori|' +
  'katõgooria|katēggoría|kaurian|luokka|lūi-pia̍t|māhele|neneuhcāyōtl|nkyekyem|' +
  'roinn-seòrsa|ronney|rummad|saachjrop|saachjropp|saachjrupp|sachgrubb|sachjrop|sanat|' +
  'segh|setensele|shopni|sokajy|sumut atassuseq|taggayt|thể loại|tumbung|turkum|törkem|' +
  'tʼááłáhági átʼéego|vibhag|wàll|ébéonọr|ñemohenda|òtù|κατηγορία|κατηγορίαν|акатегориа|' +
  'ангилал|аңгылал|гурӯҳ|кадегар|категори|категорие|категорий|категориэ|категория|' +
  'категорија|категорія|катеґорія|катигорїꙗ|катэгорыя|санат|тоба|төркем|төркөм|янз|әәшл|' +
  'կատեգորիա|קאַטעגאָריע|קאטעגאריע|קטגוריה|تصنيف|تۈر|رج|رده|بؤلمه|زمرو|زمرہ|زٲژ|سانات|وېشنيزه|' +
  'پۆل|ܣܕܪܐ|ޤިސްމު|पुचः|वर्ग|वर्गः|विभाग|श्रेणी|থাক|বিষয়শ্রেণী|শ্রেণী|শ্ৰেণী|ਸ਼੍ਰੇਣੀ|' +
  'શ્રેણી|ବିଭାଗ|ଶ୍ରେଣୀ|பகுப்பு|వర్గం|ವರ್ಗ|വി|വിഭാഗം|വർഗ്ഗം|ප්‍රවර්ගය|หมวดหมู่|ໝວດ|' +
  'კატეგორია|መደብ|ចំណាត់ក្រុម|ចំណាត់ថ្នាក់ក្រុម|ចំនាត់ថ្នាក់ក្រុម|ẹ̀ka|カテゴリ|分类|分類|분류|' +
  '𐌷𐌰𐌽𐍃𐌰';

// Codes of Wikipedia's languages, also those that it no longer uses.
const languages =
  'ab ace af ak als alt am an ang ann ar arc arz as ast atj av avk awa ay az azb ba ban ' +
  'bar bat-smg bcl be be-tarask be-x-old bew bg bh bi bjn blk bm bn bo bpy br bs btm ' +
  'bug bxr ca cbk-zam cdo ce ceb ch chr chy ckb co cr crh cs csb cu cv cy cz da dag de ' +
  'dga din diq dk dsb dty dv dz ee el eml en eo es et eu ext fa fat ff fi fiu-vro fj fo ' +
  'fon fr frp frr fur fy ga gag gan gd gl glk gn gom gor got gpe gu gur guw gv ha hak ' +
  'haw he hi hif hr hsb ht hu hy hyw ia iba id ie ig igl ik ilo inh io is it iu ja jam ' +
  'jbo jp jv ka kaa kab kbd kbp kcg kg ki kk kl km kn ko koi krc ks ksh ku kv kw ky la ' +
  'lad lb lbe lez lfn lg li lij lld lmo ln lo lrc lt ltg lv lzh mad mai map-bms mdf mg ' +
  'mhr mi min mk ml mn mni mnw mo mr mrj ms mt mwl my myv mzn na nah nan nap nb nds ' +
  'nds-nl ne new nl nn no nov nqo nrm nso nv ny oc olo om or os pa pag pam pap pcd pcm ' +
  'pdc pfl pi pih pl pms pnb pnt ps pt qu rki rm rmy rn ro roa-rup roa-tara ru rue rup ' +
  'rw sa sah sc scn sco sd se sg sgs sh shn si simple sk skr sl sm smn sn so sq sr srn ' +
  'ss st stq su sv sw szl szy ta tay tcy te tet tg th ti tk tl tly tn to tokipona tpi ' +
  'tr trv ts tt tum tw ty tyv udm ug uk ur uz ve vec vep vi vls vo vro wa war wo wuu ' +
  'xal xh xmf yi yo yue za zea zgh zh zh-classical zh-cn zh-min-nan zh-tw zh-yue zu';

// Sister projects and other places that links lead to by a prefix.
const places =
  'w wp wikipedia wikt wiktionary s wikisource q wikiquote b wikibooks n wikinews v wikiversity voy ' +
  'wikivoyage d wikidata c commons species wikispecies m meta metawikipedia mw wmf foundation wikia ' +
  'fandom incubator betawikiversity doi rfc';

/** Names of the namespace of files, in small letters. */
export const fileNamespaces: ReadonlySet<string> = new Set(files.split('|'));
/** Names of the namespace of categories, in small letters. */
export const categoryNamespaces: ReadonlySet<string> = new Set(categories.split('|'));
/** What stands before the colon of a link to the same page in another language. */
export const languagePrefixes: ReadonlySet<string> = new Set(languages.split(' '));
/** What stands before the colon of a link to another wiki. */
export const wikiPrefixes: ReadonlySet<string> = new Set(places.split(' '));
