import { isHiding } from './hidden-text.ts';
import { removeQuoteMarks } from './quotes.ts';

/** A cell of a table: its wikitext, and whether it is a heading (`!`). */
interface Cell {
  readonly text: string;
  readonly isHeading: boolean;
  readonly columns: number;
  readonly rows: number;
}

interface Table {
  caption: string;
  /** What stands before the first cell of a row: MediaWiki shows it before the table. */
  readonly before: string[];
  readonly rows: Cell[][];
}

/** Tables that are deeper in others are damage: their rows join the one around them. */
const maxDepth = 10;

/**
 * Replaces the tables of a wikitext (`{| ... |}`), the inner ones first. With `isKept` each row
 * becomes a paragraph of its own, `Heading: cell; Heading: cell.`, else tables are dropped. What stands
 * in no cell stays, and so do headings of sections; a table that does not end does so after its last
 * row.
 */
export function linearizeTables(wikitext: string, isKept: boolean): string {
  const open: string[][] = [[]];
  const lines = wikitext.split('\n');
  for (const [index, line] of lines.entries()) {
    if (open.length === 1 && beginsRows(lines, index)) open.push(['']);
    const start = line.trimStart().replace(/^[:*#]+\s*/, '');
    if (start.startsWith('{|') && open.length <= maxDepth) open.push([start.slice(2)]);
    else if (start.startsWith('|}') && open.length > 1) {
      const text = tableText(open.pop() ?? [], isKept);
      open.at(-1)?.push('', text, '', start.slice(2));
    } else open.at(-1)?.push(line);
  }
  while (open.length > 1) {
    const [table, rest] = divided(open.pop() ?? []);
    open.at(-1)?.push('', tableText(table, isKept), '', ...rest);
  }
  return (open[0] ?? []).join('\n');
}

const maxHeadingLines = 12;

/** Whether rows begin at a line whose table was begun by a template: `|-`, or headings before one. */
function beginsRows(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? '';
  if (line.startsWith('|-')) return true;
  if (!line.startsWith('!')) return false;
  const next = lines.slice(index + 1, index + 1 + maxHeadingLines);
  return next.find((other) => !other.startsWith('!'))?.startsWith('|-') === true;
}

/** The lines of a table that does not end, up to the last row with what goes on in it, and the rest. */
function divided(lines: readonly string[]): [readonly string[], readonly string[]] {
  const lastRow = lines.findLastIndex((line, index) => index > 0 && /^\s*[|!]/.test(line));
  const end = lines.findIndex(
    (line, index) => index > Math.max(lastRow, 0) && (line.trim() === '' || isHeadingLine(line)),
  );
  if (lastRow < 0) return [lines.slice(0, 1), lines.slice(1)];
  return end < 0 ? [lines, []] : [lines.slice(0, end), lines.slice(end)];
}

function isHeadingLine(line: string): boolean {
  return line.startsWith('==') && line.trimEnd().endsWith('==');
}

/** Headings of sections divide a table: what follows each is a table of its own. */
function tableText(lines: readonly string[], isKept: boolean): string {
  const [attributes = '', ...content] = lines;
  if (isHiding(attributes)) return '';
  const texts: string[] = [];
  let part: string[] = [];
  const endPart = (): void => {
    const table = parseTable(part);
    texts.push(...table.before, '', isKept ? rowsAsText(table) : '', '');
    part = [];
  };
  for (const line of content) {
    if (isHeadingLine(line)) {
      endPart();
      texts.push(line);
    } else part.push(line);
  }
  endPart();
  return texts.join('\n');
}

function parseTable(lines: readonly string[]): Table {
  const table: Table = { caption: '', before: [], rows: [] };
  let row: Cell[] = [];
  let isHiddenRow = false;
  const endRow = (): void => {
    if (row.length > 0 && !isHiddenRow) table.rows.push(row);
  };
  for (const line of lines) {
    const start = line.trimStart();
    if (start.startsWith('|-')) {
      endRow();
      row = [];
      isHiddenRow = isHiding(start);
    } else if (start.startsWith('|+')) table.caption = withoutAttributes(start.slice(2));
    else if (start.startsWith('|') || start.startsWith('!')) row.push(...cellsOf(start));
    else if (row.length === 0) table.before.push(line);
    else appendTo(row, line);
  }
  endRow();
  return table;
}

function cellsOf(line: string): Cell[] {
  const isHeading = line.startsWith('!');
  return line
    .slice(1)
    .split(isHeading ? /\|\||!!/ : '||')
    .map((text) => ({
      text: isHiding(attributesOf(text)) ? '' : withoutAttributes(text).trim(),
      isHeading,
      columns: spanOf(text, 'colspan'),
      rows: spanOf(text, 'rowspan'),
    }));
}

/** A line that begins no cell goes on with the one before it. */
function appendTo(row: Cell[], line: string): void {
  const cell = row.pop();
  if (cell !== undefined) row.push({ ...cell, text: `${cell.text} ${line.trim()}`.trim() });
}

/** `style="..." | text`: what stands before a single pipe outside of links is no text. */
function withoutAttributes(text: string): string {
  const match = /^([^|[\]{}]*)\|(?!\|)/.exec(text) ?? loneAttributes.exec(text);
  return match === null ? text : text.slice(match[0].length);
}

/** Attributes whose bar stood in a template, `| rowspan="2" {{N/A}}`. */
const loneAttributes =
  /^\s*(?:(?:rowspan|colspan|style|class|align|valign|bgcolor|width)\s*=\s*(?:"[^"]*"|'[^']*'|#?\w+%?)\s*)+/i;

function attributesOf(text: string): string {
  return (/^([^|[\]{}]*)\|(?!\|)/.exec(text) ?? loneAttributes.exec(text))?.[0] ?? '';
}

function spanOf(text: string, name: string): number {
  const attributes = attributesOf(text);
  const span = new RegExp(`${name}\\s*=\\s*["']?\\s*(\\d{1,3})`, 'i').exec(attributes)?.[1];
  return Math.max(Number(span ?? 1), 1);
}

const maxColumns = 200;

/** Rows of equal width: a cell that spans columns or rows stands in each of them. */
function spread(rows: readonly (readonly Cell[])[]): Cell[][] {
  const below = new Map<number, { cell: Cell; rowsLeft: number }>();
  return rows.map((row) => {
    const wide: Cell[] = [];
    const cells = [...row];
    while (wide.length < maxColumns) {
      const above = below.get(wide.length);
      if (above !== undefined) {
        if (above.rowsLeft === 1) below.delete(wide.length);
        else above.rowsLeft -= 1;
        wide.push(above.cell);
        continue;
      }
      const cell = cells.shift();
      if (cell === undefined) break;
      for (let n = 0; n < cell.columns && wide.length < maxColumns; n += 1) {
        if (cell.rows > 1) below.set(wide.length, { cell, rowsLeft: cell.rows - 1 });
        wide.push(cell);
      }
    }
    return wide;
  });
}

function rowsAsText(table: Table): string {
  const rows = spread(table.rows);
  const firstData = rows.findIndex((row) => row.some((cell) => !cell.isHeading));
  const headingRows = rows.slice(0, Math.max(firstData, 0));
  const headings = columnHeadings(headingRows);
  const data = firstData < 0 ? rows : rows.slice(firstData);
  const lines = data.map((row) => rowAsText(row, firstData < 0 ? [] : headings));
  return [sentence(oneLine(table.caption)), ...lines].filter((line) => line !== '').join('\n\n');
}

/** The headings above each column, of all heading rows, without repetitions. */
function columnHeadings(rows: readonly (readonly Cell[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) => {
    const texts = rows.map((row) => oneLine(row[column]?.text ?? ''));
    return [...new Set(texts)].filter((text) => text !== '').join(' ');
  });
}

function rowAsText(row: readonly Cell[], headings: readonly string[]): string {
  const parts: string[] = [];
  row.forEach((cell, column) => {
    const text = oneLine(cell.text);
    const heading = headings[column] ?? '';
    if (text === '' || (column > 0 && row[column - 1] === cell)) return;
    parts.push(heading === '' || heading === text ? text : `${heading}: ${text}`);
  });
  return sentence(parts.join('; '));
}

function oneLine(text: string): string {
  const line = text
    .replaceAll(/<br\b[^<>]{0,100}>/gi, ', ')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[\s*#:]+/, '');
  return removeQuoteMarks(line).trim();
}

function sentence(text: string): string {
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`;
}
