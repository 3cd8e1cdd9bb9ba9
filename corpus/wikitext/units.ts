/** A unit of `{{convert}}`. */
export interface Unit {
  readonly name: string;
  readonly plural: string;
  readonly symbol: string;
  /** What one of it is in the base unit of its quantity. */
  readonly scale: number;
  /** For temperatures: the unit's value at absolute zero. */
  readonly zero: number | undefined;
  readonly quantity: string;
  /** The unit that it is converted to when none is named. */
  readonly target: string;
}

/** code | name | plural | symbol | scale | target; a plural `=` is the name with an s. */
const tables: Readonly<Record<string, string>> = {
  length: `
m|metre|=|m|1|ftin
km|kilometre|=|km|1000|mi
cm|centimetre|=|cm|0.01|in
mm|millimetre|=|mm|0.001|in
um|micrometre|=|μm|1e-6|in
nm|nanometre|=|nm|1e-9|in
mi|mile|=|mi|1609.344|km
ft|foot|feet|ft|0.3048|m
foot|foot|feet|ft|0.3048|m
in|inch|inches|in|0.0254|mm
inch|inch|inches|in|0.0254|mm
yd|yard|=|yd|0.9144|m
nmi|nautical mile|=|nmi|1852|km
fathom|fathom|=|fathom|1.8288|m
furlong|furlong|=|furlong|201.168|m
chain|chain|=|chain|20.1168|m
rod|rod|=|rd|5.0292|m
league|league|=|league|4828.032|km
hand|hand|=|hand|0.1016|cm
AU|astronomical unit|=|AU|149597870700|km
ly|light-year|=|ly|9460730472580800|pc
pc|parsec|=|pc|30856775814913673|ly`,
  area: `
km2|square kilometre|=|km2|1e6|sqmi
m2|square metre|=|m2|1|sqft
cm2|square centimetre|=|cm2|1e-4|sqin
sqkm|square kilometre|=|km2|1e6|sqmi
sqm|square metre|=|m2|1|sqft
ha|hectare|=|ha|10000|acre
acre|acre|=|acres|4046.8564224|ha
acres|acre|=|acres|4046.8564224|ha
sqmi|square mile|=|sq mi|2589988.110336|km2
mi2|square mile|=|sq mi|2589988.110336|km2
sqft|square foot|square feet|sq ft|0.09290304|m2
ft2|square foot|square feet|sq ft|0.09290304|m2
sqin|square inch|square inches|sq in|0.00064516|cm2
sqyd|square yard|=|sq yd|0.83612736|m2
sqnmi|square nautical mile|=|sq nmi|3429904|km2`,
  volume: `
m3|cubic metre|=|m3|1|cuft
km3|cubic kilometre|=|km3|1e9|cumi
cm3|cubic centimetre|=|cm3|1e-6|cuin
cc|cubic centimetre|=|cc|1e-6|cuin
L|litre|=|L|0.001|impgal
l|litre|=|l|0.001|impgal
mL|millilitre|=|mL|1e-6|impoz
ml|millilitre|=|ml|1e-6|impoz
cuft|cubic foot|cubic feet|cu ft|0.028316846592|m3
ft3|cubic foot|cubic feet|cu ft|0.028316846592|m3
cuin|cubic inch|cubic inches|cu in|1.6387064e-5|cm3
cuyd|cubic yard|=|cu yd|0.764554857984|m3
cumi|cubic mile|=|cu mi|4168181825.44058|km3
acre.ft|acre-foot|acre-feet|acre⋅ft|1233.48183754752|m3
acre-ft|acre-foot|acre-feet|acre⋅ft|1233.48183754752|m3
USgal|US gallon|=|US gal|0.003785411784|L
U.S.gal|U.S. gallon|=|U.S. gal|0.003785411784|L
impgal|imperial gallon|=|imp gal|0.00454609|L
impoz|imperial fluid ounce|=|imp fl oz|2.84130625e-5|mL
USoz|US fluid ounce|=|US fl oz|2.95735295625e-5|mL
oilbbl|barrel|=|bbl|0.158987294928|m3
bbl|barrel|=|bbl|0.158987294928|m3`,
  mass: `
kg|kilogram|=|kg|1|lb
g|gram|=|g|0.001|oz
mg|milligram|=|mg|1e-6|gr
t|tonne|=|t|1000|LT
tonne|tonne|=|t|1000|LT
MT|metric ton|=|t|1000|LT
lb|pound|=|lb|0.45359237|kg
lbs|pound|=|lb|0.45359237|kg
oz|ounce|=|oz|0.028349523125|g
ozt|troy ounce|=|ozt|0.0311034768|g
gr|grain|=|gr|6.479891e-5|mg
st|stone|stone|st|6.35029318|lbkg
LT|long ton|=|long tons|1016.0469088|t
ton|ton|=|tons|1016.0469088|t
ST|short ton|=|short tons|907.18474|t
tons|ton|=|tons|1016.0469088|t
carat|carat|=|carat|0.0002|g`,
  speed: `
km/h|kilometre per hour|kilometres per hour|km/h|0.277777777777778|mph
kph|kilometre per hour|kilometres per hour|km/h|0.277777777777778|mph
mph|mile per hour|miles per hour|mph|0.44704|km/h
m/s|metre per second|metres per second|m/s|1|ft/s
km/s|kilometre per second|kilometres per second|km/s|1000|mi/s
mi/s|mile per second|miles per second|mi/s|1609.344|km/s
ft/s|foot per second|feet per second|ft/s|0.3048|m/s
kn|knot|=|kn|0.514444444444444|km/h
knot|knot|=|kn|0.514444444444444|km/h`,
  temperature: `
C|degree Celsius|degrees Celsius|°C|1|F
°C|degree Celsius|degrees Celsius|°C|1|F
F|degree Fahrenheit|degrees Fahrenheit|°F|0.555555555555556|C
°F|degree Fahrenheit|degrees Fahrenheit|°F|0.555555555555556|C
K|kelvin|kelvins|K|1|C`,
  density: `
PD/km2|per square kilometre|per square kilometre|/km2|1|PD/sqmi
/km2|per square kilometre|per square kilometre|/km2|1|/sqmi
/sqkm|per square kilometre|per square kilometre|/km2|1|/sqmi
PD/sqkm|per square kilometre|per square kilometre|/km2|1|PD/sqmi
PD/sqmi|per square mile|per square mile|/sq mi|0.386102158542446|PD/km2
/sqmi|per square mile|per square mile|/sq mi|0.386102158542446|/km2
PD/ha|per hectare|per hectare|/ha|100|PD/acre
PD/acre|per acre|per acre|/acre|247.105381467165|PD/ha`,
  pressure: `
Pa|pascal|=|Pa|1|psi
kPa|kilopascal|=|kPa|1000|psi
MPa|megapascal|=|MPa|1e6|ksi
hPa|hectopascal|=|hPa|100|inHg
mbar|millibar|=|mbar|100|hPa
bar|bar|=|bar|1e5|kPa
atm|standard atmosphere|=|atm|101325|kPa
psi|pound per square inch|pounds per square inch|psi|6894.75729316836|kPa
ksi|kilopound per square inch|kilopounds per square inch|ksi|6894757.29316836|MPa
inHg|inch of mercury|inches of mercury|inHg|3386.388640341|hPa`,
  power: `
W|watt|=|W|1|hp
kW|kilowatt|=|kW|1000|hp
MW|megawatt|=|MW|1e6|hp
GW|gigawatt|=|GW|1e9|hp
hp|horsepower|horsepower|hp|745.69987158227|kW
bhp|brake horsepower|brake horsepower|bhp|745.69987158227|kW
shp|shaft horsepower|shaft horsepower|shp|745.69987158227|kW
PS|metric horsepower|metric horsepower|PS|735.49875|kW`,
  force: `
N|newton|=|N|1|lbf
kN|kilonewton|=|kN|1000|lbf
MN|meganewton|=|MN|1e6|lbf
lbf|pound-force|pounds-force|lbf|4.4482216152605|N`,
  torque: `
Nm|newton-metre|=|N⋅m|1|lbft
N.m|newton-metre|=|N⋅m|1|lbft
lbft|pound force-foot|pound force-feet|lb⋅ft|1.35581794833140|Nm
lb.ft|pound force-foot|pound force-feet|lb⋅ft|1.35581794833140|Nm
lbfft|pound force-foot|pound force-feet|lbf⋅ft|1.35581794833140|Nm`,
  energy: `
J|joule|=|J|1|cal
kJ|kilojoule|=|kJ|1000|kcal
MJ|megajoule|=|MJ|1e6|kWh
kWh|kilowatt hour|=|kW⋅h|3.6e6|MJ
MWh|megawatt hour|=|MW⋅h|3.6e9|GJ
GJ|gigajoule|=|GJ|1e9|kWh
cal|calorie|=|cal|4.184|J
kcal|kilocalorie|=|kcal|4184|kJ
BTU|British thermal unit|=|BTU|1055.05585262|kJ`,
  frequency: `
Hz|hertz|hertz|Hz|1|
rpm|revolution per minute|revolutions per minute|rpm|0.0166666666666667|Hz`,
  time: `
s|second|=|s|1|
min|minute|=|min|60|
h|hour|=|h|3600|
day|day|=|d|86400|`,
  flow: `
m3/s|cubic metre per second|cubic metres per second|m3/s|1|cuft/s
cuft/s|cubic foot per second|cubic feet per second|cu ft/s|0.028316846592|m3/s
cuft/min|cubic foot per minute|cubic feet per minute|cu ft/min|0.0004719474432|m3/min
m3/min|cubic metre per minute|cubic metres per minute|m3/min|0.0166666666666667|cuft/min`,
};

/** Value at absolute zero. */
const zeros: Readonly<Record<string, number>> = {
  C: -273.15,
  '°C': -273.15,
  F: -459.67,
  '°F': -459.67,
  K: 0,
};

const units: ReadonlyMap<string, Unit> = new Map(
  Object.entries(tables).flatMap(([quantity, table]) =>
    table
      .trim()
      .split('\n')
      .map((row): [string, Unit] => {
        const [code = '', name = '', plural = '', symbol = '', scale = '', target = ''] =
          row.split('|');
        const shown = plural === '=' ? `${name}s` : plural;
        return [
          code,
          {
            name,
            plural: shown,
            symbol,
            scale: Number(scale),
            zero: zeros[code],
            quantity,
            target,
          },
        ];
      }),
  ),
);

const metreWords: readonly [RegExp, string][] = [
  [/metre/g, 'meter'],
  [/litre/g, 'liter'],
];

/** Powers of ten that stand before a code, `e6acre`, by exponent. */
const thousands: Readonly<Record<string, string>> = {
  ...{ 3: 'thousand', 6: 'million', 9: 'billion', 12: 'trillion', 15: 'quadrillion' },
};

/** Prefixes of the SI, with what stands before the unit's name; those of common units have own rows. */
const prefixes: Readonly<Record<string, readonly [string, number]>> = {
  ...{ T: ['tera', 1e12], G: ['giga', 1e9], M: ['mega', 1e6], k: ['kilo', 1e3], h: ['hecto', 100] },
  ...{ d: ['deci', 0.1], c: ['centi', 0.01], m: ['milli', 1e-3], u: ['micro', 1e-6] },
  ...{ µ: ['micro', 1e-6], μ: ['micro', 1e-6], n: ['nano', 1e-9], p: ['pico', 1e-12] },
};
const prefixed = /^([TGMkhdcmuµμnp])(m|g|l|L|W|J|Pa|N|Hz|bar|t|pc|Wh)$/;

/** `e6acre`: million acres. */
function multipleOf(code: string): Unit | undefined {
  const [, exponent = '', base = ''] = /^e(\d\d?)(.+)$/.exec(code) ?? [];
  const [word, unit] = [thousands[exponent], baseUnit(base)];
  if (word === undefined || unit?.zero !== undefined || unit === undefined) return undefined;
  const plural = `${word} ${unit.plural}`;
  const scale = unit.scale * 10 ** Number(exponent);
  const symbol = `×10^${exponent} ${unit.symbol}`;
  return { ...unit, name: `${word} ${unit.name}`, plural, symbol, scale };
}

/** `GHz`: gigahertz. */
function prefixedUnit(code: string): Unit | undefined {
  const [, letter = '', base = ''] = prefixed.exec(code) ?? [];
  const [prefix, unit] = [prefixes[letter], units.get(base === 'Wh' ? 'kWh' : base)];
  if (prefix === undefined || unit === undefined) return undefined;
  const [word, factor] = prefix;
  const bare = base === 'Wh' ? { name: 'watt hour', plural: 'watt hours', symbol: 'W⋅h' } : unit;
  return {
    ...unit,
    name: word + bare.name,
    plural: word + bare.plural,
    symbol: (letter === 'u' ? 'μ' : letter) + bare.symbol,
    scale: (unit.scale * factor) / (base === 'Wh' ? 1000 : 1),
  };
}

/** `kg/m3`: a unit per another. */
function quotientOf(code: string): Unit | undefined {
  const [over = '', under = '', ...rest] = code.split('/');
  const [a, b] = [baseUnit(over), baseUnit(under)];
  if (a === undefined || b === undefined || rest.length > 0) return undefined;
  if (a.zero !== undefined || b.zero !== undefined) return undefined;
  return {
    name: `${a.name} per ${b.name}`,
    plural: `${a.plural} per ${b.name}`,
    symbol: `${a.symbol}/${b.symbol}`,
    scale: a.scale / b.scale,
    zero: undefined,
    quantity: `${a.quantity}/${b.quantity}`,
    target: '',
  };
}

function baseUnit(code: string): Unit | undefined {
  return units.get(code) ?? prefixedUnit(code);
}

/**
 * The unit of a code of `{{convert}}`, with American spelling if asked for: one of the table, one with
 * a prefix (`GW`), a multiple (`e6acre`) or a unit per another (`kg/m3`).
 */
export function unitOf(code: string, isAmerican = false): Unit | undefined {
  const unit = baseUnit(code) ?? multipleOf(code) ?? quotientOf(code);
  if (unit === undefined || !isAmerican) return unit;
  const american = (word: string): string =>
    metreWords.reduce((text, [from, to]) => text.replaceAll(from, to), word);
  return { ...unit, name: american(unit.name), plural: american(unit.plural) };
}
