import { test } from 'tap';

import { TemplateCall } from '../../../corpus/wikitext/template-call.ts';
import { renderKnown } from '../../../corpus/wikitext/template-table.ts';

const context = { title: 'Page', language: 'en' };
const rendered = (wikitext: string): string | undefined =>
  renderKnown(new TemplateCall(wikitext.slice(2, -2).split('|')), context);

test('convert shows what the documentation of Template:Convert on Wikipedia shows', (t) => {
  const golden: readonly [string, string][] = [
    ['{{convert|2|km|mi}}', '2 kilometres (1.2 mi)'],
    ['{{convert|7|mi|km}}', '7 miles (11 km)'],
    ['{{convert|1300|mi|km}}', '1,300 miles (2,100 km)'],
    ['{{convert|93|m|ft}}', '93 metres (305 ft)'],
    ['{{convert|93|m|ft|abbr=off|sp=us}}', '93 meters (305 feet)'],
    ['{{convert|5|km|abbr=on}}', '5 km (3.1 mi)'],
    ['{{convert|1.6|km|mi|1}}', '1.6 kilometres (1.0 mi)'],
    ['{{convert|100|km|mi|sigfig=3}}', '100 kilometres (62.1 mi)'],
    ['{{convert|1|mi}}', '1 mile (1.6 km)'],
    ['{{convert|5|ft|10|in|cm}}', '5 feet 10 inches (178 cm)'],
    ['{{convert|5|to|10|km|mi}}', '5 to 10 kilometres (3.1 to 6.2 mi)'],
    ['{{convert|40|-|50|lb|kg}}', '40–50 pounds (18–23 kg)'],
    ['{{convert|37|C|F}}', '37 degrees Celsius (99 °F)'],
    ['{{convert|64|F|C}}', '64 degrees Fahrenheit (18 °C)'],
    ['{{convert|180|cm|ftin}}', '180 centimetres (5 ft 11 in)'],
    ['{{convert|100|acre|ha}}', '100 acres (40 ha)'],
    ['{{convert|6|ft|m|disp=or}}', '6 feet or 1.8 metres'],
    ['{{convert|9|mi|km|adj=on}}', '9-mile (14 km)'],
    ['{{convert|52419|sqmi|km2}}', '52,419 square miles (135,760 km2)'],
    ['{{cvt|60|mph|km/h}}', '60 mph (97 km/h)'],
    ['{{convert|12|widget}}', '12 widget'],
    ['{{convert|2.5|e6acre|km2}}', '2.5 million acres (10,000 km2)'],
    ['{{convert|2.5|e6acre|km2|abbr=on}}', '2.5×10^6 acres (10,000 km2)'],
    ['{{convert|1|e6km2|sqmi}}', '1 million square kilometres (390,000 sq mi)'],
    ['{{convert|5|x|7|in}}', '5 × 7 inches (130 × 180 mm)'],
    ['{{convert|3|by|4|by|5|m|ft}}', '3 by 4 by 5 metres (9.8 by 13 by 16 ft)'],
    ['{{convert|2–4|km|mi|abbr=on}}', '2–4 km (1.2–2.5 mi)'],
    ['{{convert|1+1/2|in|mm}}', '1 1/2 inches (38 mm)'],
    ['{{convert|2.4|GHz}}', '2.4 gigahertz'],
    ['{{convert|100|GWh|MJ}}', '100 gigawatt hours (360,000,000 MJ)'],
    ['{{convert|1000|kg/m3|lb/cuft}}', '1,000 kilograms per cubic metre (62 lb/cu ft)'],
    ['{{convert|5|e6C}}', '5 e6C'],
  ];
  for (const [wikitext, shown] of golden) t.equal(rendered(wikitext), shown, wikitext);
  t.end();
});

test('dates, numbers and languages show as on Wikipedia', (t) => {
  const golden: readonly [string, string][] = [
    ['{{birth date|1940|10|9}}', 'October 9, 1940'],
    ['{{birth date|1940|10|9|df=y}}', '9 October 1940'],
    ['{{birth date and age|1947|04|01|df=y}}', '1 April 1947'],
    ['{{death date and age|1865|4|15|1809|2|12}}', 'April 15, 1865 (aged 56)'],
    ['{{death date and age|1980|12|8|1940|10|9}}', 'December 8, 1980 (aged 40)'],
    ['{{start date|2001|9}}', 'September 2001'],
    ['{{start-date|July 16, 1969, 13:32:00|timezone=yes}}', 'July 16, 1969, 13:32:00'],
    ['{{as of|2014|lc=y}}', 'as of 2014'],
    ['{{as of|2018|11|13}}', 'As of 13 November 2018'],
    ['{{as of|2018|11|13|df=US}}', 'As of November 13, 2018'],
    ['{{dts|1777|12|16}}', 'December 16, 1777'],
    ['{{film date|df=yes|1997|1|17|Spain}}', '17 January 1997 (Spain)'],
    ['{{formatnum:1234567.8}}', '1,234,567.8'],
    ['{{formatnum:1,234|R}}', '1234'],
    ['{{val|1.234|0.005|u=m}}', '1.234±0.005 m'],
    ['{{val|6.022|e=23}}', '6.022×10^23'],
    ['{{circa|1500}}', 'c. 1500'],
    ['{{frac|5|1|2}}', '5 1/2'],
    ['{{lang|fr|Bonjour}}', 'Bonjour'],
    ['{{lang-fr|Bonjour}}', 'French: Bonjour'],
    ['{{coord|51|30|N|0|7|W}}', '51°30′N 0°7′W'],
    ['{{USS|Hornet|CV-12|6}}', 'USS Hornet (CV-12)'],
    ['{{height|ft=5|in=11}}', '5 ft 11 in (1.80 m)'],
    ['{{small|(1832)}}', '(1832)'],
    [
      '{{nihongo|Haruki Murakami|村上 春樹|Murakami Haruki|extra=born 1949}}',
      'Haruki Murakami (村上 春樹, Murakami Haruki, born 1949)',
    ],
  ];
  for (const [wikitext, shown] of golden) t.equal(rendered(wikitext), shown, wikitext);
  t.equal(
    renderKnown(new TemplateCall(['date', '7', 'mai', '1930']), { title: '', language: 'fr' }),
    '7 mai 1930',
  );
  t.equal(
    renderKnown(new TemplateCall(['birth date', '1940', '10', '9']), { title: '', language: 'de' }),
    '9. Oktober 1940',
  );
  t.end();
});
