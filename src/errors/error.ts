import { catalogue } from './catalogue.ts';

type Catalogue = typeof catalogue;

/** Every code of the catalogue, as a union of literals. */
export type ErrorCode = keyof Catalogue;

type Placeholders<Template extends string> =
  Template extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;

/** The values that a code's message and remedy ask for, by placeholder name. */
export type ErrorDetails<Code extends ErrorCode> = Readonly<
  Record<
    Placeholders<Catalogue[Code]['message']> | Placeholders<Catalogue[Code]['remedy']>,
    string | number
  >
>;

/**
 * The one error class that users see. Its code, message template, HTTP status, exit code and
 * remedy stand in the catalogue; the call gives the values.
 */
export class SspError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'SspError';
  readonly code: Code;
  readonly status: number;
  readonly exitCode: number;
  /** What the reader can do about it. */
  readonly remedy: string;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: Code, details: ErrorDetails<Code>, options?: ErrorOptions) {
    const entry = catalogue[code];
    const values = bounded(details);
    super(fill(entry.message, values), options);
    this.code = code;
    this.status = entry.status;
    this.exitCode = entry.exitCode;
    this.remedy = fill(entry.remedy, values);
    this.details = values;
  }

  /** The error as the body of an HTTP reply and as the `--json` output of a command. */
  toJSON(): { code: string; message: string; remedy: string; details: object } {
    return { code: this.code, message: this.message, remedy: this.remedy, details: this.details };
  }
}

/** True for an {@link SspError}, and with `code` given only for that code. */
export function isSspError<Code extends ErrorCode>(
  error: unknown,
  code?: Code,
): error is SspError<Code> {
  return error instanceof SspError && (code === undefined || error.code === code);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const detailChars = 2000;

/** Whatever a value was made of, an error that shows it stays readable, and its reply small. */
function bounded(
  details: Readonly<Record<string, string | number>>,
): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === 'string' ? shown(value, detailChars) : value,
    ]),
  );
}

function fill(template: string, details: Readonly<Record<string, string | number>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
}

const nameChars = 60;
/** For what is longer than a name: a path, a title, the message of a library. */
export const lineChars = 200;

/**
 * The beginning of a text from outside, as an error shows it: at most `maxChars` UTF-16 units (60, the
 * length of a name), the last of them `…` where something was left out, and no half characters.
 */
export function shown(text: string, maxChars = nameChars): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
