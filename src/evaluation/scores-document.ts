import type {
  EvaluationScores,
  EvaluationSetting,
  Measure,
  SetScores,
} from '../types/evaluation.ts';

type Row = readonly string[];

/** The scores with what they depend on, as Markdown. */
export function scoresDocument(scores: EvaluationScores): string {
  return `# Evaluation\n\n${scoresTable(scores)}\n\n${settingList(scores.setting)}\n`;
}

/**
 * The scores in percent with their 95 % intervals, a line a set, as Markdown that reads well in a
 * terminal too; below it exact match by number of hops where questions say theirs, and what has no words.
 */
export function scoresTable({ sets, average }: EvaluationScores): string {
  const isJudged = average.judge !== undefined;
  const judge = (measure: Measure | undefined): Row => (isJudged ? [percent(measure ?? null)] : []);
  const head = [
    'set',
    'questions',
    'failed',
    'EM',
    'F1',
    ...(isJudged ? ['judge'] : []),
    'searches',
  ];
  const rows = sets.map((set) => [
    ...[set.name, String(set.questions), failures(set)],
    ...[percent(set.exactMatch), percent(set.f1), ...judge(set.judge)],
    set.searches === null ? '-' : set.searches.toFixed(2),
  ]);
  const last = [
    ...['average', '', '', percent(average.exactMatch), percent(average.f1)],
    ...[...judge(average.judge), ''],
  ];
  const table = markdownTable([head, ...rows, ...(sets.length > 1 ? [last] : [])]);
  return [table, ...hopsTable(sets), ...wordNotes(sets)].join('\n\n');
}

/** What the measures hide: answers and golden answers without a word, where there are some. */
function wordNotes(sets: readonly SetScores[]): string[] {
  const notes = sets.flatMap(({ name, answersWithoutWords = 0, unanswerable = 0 }) => [
    ...(answersWithoutWords === 0
      ? []
      : [`- ${name}: answers without a word: ${answersWithoutWords}`]),
    ...(unanswerable === 0 ? [] : [`- ${name}: questions that no answer matches: ${unanswerable}`]),
  ]);
  return notes.length === 0 ? [] : [notes.join('\n')];
}

function hopsTable(sets: readonly SetScores[]): string[] {
  const withHops = sets.filter((set) => Object.keys(set.exactMatchByHops).length > 0);
  if (withHops.length === 0) return [];
  const rows = withHops.flatMap(({ name, exactMatchByHops }) =>
    Object.entries(exactMatchByHops).map(([hops, measure]) => [
      ...[name, hops, String(measure?.questions ?? 0), percent(measure)],
    ]),
  );
  return [markdownTable([['set', 'hops', 'questions', 'EM'], ...rows])];
}

/** `32.1 [28.2, 36.3]`, in percent. */
function percent(measure: Measure): string {
  if (measure === null) return '-';
  const [value, low, high] = [measure.value, measure.low, measure.high].map((share) =>
    (100 * share).toFixed(1),
  );
  return `${value} [${low}, ${high}]`;
}

function failures({ failed, judgeFailed }: SetScores): string {
  return judgeFailed === 0 ? String(failed) : `${failed} (judge ${judgeFailed})`;
}

/** The first column to the left, all others to the right; the first row is the head. */
function markdownTable(rows: readonly Row[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: Row): string => `| ${cells.join(' | ')} |`;
  const aligned = (row: Row): Row =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
  const rule = widths.map((width, i) =>
    i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(aligned(head)), line(rule), ...body.map((row) => line(aligned(row)))].join('\n');
}

function settingList({ model, search, game, judge, seed, toolVersion }: EvaluationSetting): string {
  const facts = [
    `model: ${modelText(model)}`,
    `search: top ${search.topPassages}, ${search.index === null ? 'index not known' : pairs(search.index)}`,
    `game: ${pairs(game)}`,
    `judge: ${judge === null ? 'none' : `${judge.model} at ${judge.url}`}`,
    `sampling: greedy, one attempt a question; questions drawn with seed ${seed}`,
    `ssp ${toolVersion}`,
  ];
  const notes =
    'EM: normalised exact match. F1: overlap of words. Judge: exact match, else the judge model. ' +
    'In percent, with 95 % intervals: Wilson for shares, bootstrap for F1 and averages. Failed ' +
    'questions are left out.';
  return `${facts.map((fact) => `- ${fact}`).join('\n')}\n\n${notes}`;
}

function modelText(model: EvaluationSetting['model']): string {
  if (model.kind !== 'policy') return `${model.model} at ${model.url}`;
  return `${model.model} (weights ${model.weightsVersion}), ${pairs(model.facts)}`;
}

function pairs(values: Readonly<Record<string, unknown>>): string {
  const shown = (value: unknown): string =>
    typeof value === 'string' ? value : JSON.stringify(value);
  return Object.entries(values)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${shown(value)}`)
    .join(', ');
}
