import { isHiding } from './hidden-text.ts';

/** A cell of a table: its wikitext, and whether it is a heading (`!`). */
interface Cell {
  readonly text: string;
  readonly isHeading: boolean;
  readonly columns: number;
  readonly rows: number;
}

interface Table {
  caption: string;
  readonly rows: Cell[][];
}

type TableRenderer = (table: Table) => string;

/**
 * Replaces the tables of a wikitext (`{| ... |}`), the inner ones first. With `isKept` each row
 * becomes a paragraph of its own, `Heading: cell; Heading: cell.`, else tables are dropped.
 */
export function linearizeTables(wikitext: string, isKept: boolean): string {
  const render: TableRenderer = isKept ? rowsAsText : () => '';
  const open: string[][] = [[]];
  for (const line of wikitext.split('\n')) {
    const start = line.trimStart().replace(/^[:*#]+\s*/, '');
    if (start.startsWith('{|')) open.push([start.slice(2)]);
    else if (start.startsWith('|}') && open.length > 1) {
      const text = render(parseTable(open.pop() ?? []));
      open.at(-1)?.push('', text, '', start.slice(2));
    } else open.at(-1)?.push(line);
  }
  // A table that does not end is shown up to the end of the page.
  while (open.length > 1) {
    const text = render(parseTable(open.pop() ?? []));
    open.at(-1)?.push('', text);
  }
  return (open[0] ?? []).join('\n');
}

/** `lines`: the table's lines without its brackets; the first one holds attributes only. */
function parseTable(lines: readonly string[]): Table {
  const table: Table = { caption: '', rows: [] };
  let row: Cell[] = [];
  let isHiddenRow = false;
  if (isHiding(lines[0] ?? '')) return table;
  const endRow = (): void => {
    if (row.length > 0 && !isHiddenRow) table.rows.push(row);
  };
  for (const line of lines.slice(1)) {
    const start = line.trimStart();
    if (start.startsWith('|-')) {
      endRow();
      row = [];
      isHiddenRow = isHiding(start);
    } else if (start.startsWith('|+')) table.caption = withoutAttributes(start.slice(2));
    else if (start.startsWith('|') || start.startsWith('!')) row.push(...cellsOf(start));
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
  const match = /^([^|[\]{}]*)\|(?!\|)/.exec(text);
  return match === null ? text : text.slice(match[0].length);
}

function attributesOf(text: string): string {
  return /^([^|[\]{}]*)\|(?!\|)/.exec(text)?.[1] ?? '';
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
  return text
    .replaceAll(/<br\s*\/?>/gi, ', ')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[\s*#:]+/, '')
    .trim();
}

function sentence(text: string): string {
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`;
}

const item = /^[*#:;]+/;

/**
 * Makes paragraphs of the list lines of a wikitext (`*`, `#`, `:`, `;`): an item ends with `;`, the
 * last one of a list with `.`, unless it has an end of its own. `; term : text` becomes `term: text`.
 */
export function linearizeLists(wikitext: string): string {
  const lines = wikitext.split('\n');
  const out: string[] = [];
  lines.forEach((line, index) => {
    const marker = item.exec(line)?.[0];
    if (marker === undefined) {
      out.push(line);
      return;
    }
    const text = itemText(marker, line.slice(marker.length).trim());
    if (text === '') return;
    const isLast = item.exec(lines[index + 1] ?? '') === null;
    const isIndent = /^:+$/.test(marker);
    out.push('', isIndent ? text : ended(text, isLast ? '.' : ';'));
    if (isLast) out.push('');
  });
  return out.join('\n');
}

function itemText(marker: string, text: string): string {
  return marker.endsWith(';') ? text.replace(/\s+:\s+/, ': ') : text;
}

function ended(text: string, mark: string): string {
  return /[.!?:;,]['")\]]*$/.test(text) ? text : `${text}${mark}`;
}
