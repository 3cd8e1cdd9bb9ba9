import { spokenPart } from './spoken-part.ts';

/** What a judge says of an answer. */
export type Verdict = 'correct' | 'incorrect';

/** Bold, italics, code: what models put around a verdict. Quotation marks are none of it. */
const mark = '[*_`]{0,3}';
const verdictAtTheEnd = new RegExp(
  `${mark}<verdict>\\s*${mark}(correct|incorrect)[.!]?${mark}\\s*</verdict>${mark}[.!]?${mark}$`,
  'i',
);
const fence = /^\s*(?:`{3,}|~{3,})[\w-]*\s*$/gm;
/** `Verdict:`, `My final judgement is` and the like, alone before the verdict. */
const label =
  /^(?:(?:so|thus|therefore|hence|and),? )?(?:(?:the|my|your|final|overall) )*(?:verdict|answer|grade|judge?ment|result|conclusion|decision|evaluation)(?: is)?(?: as follows)?:?$/i;
/** Words that leave a sentence open: what follows may be denied, quoted or only thought of. */
const openEnd =
  /(?:\b(?:not|never|nor|no|or|and|than|of|as|if|say|saying|said|write|wrote|writing|output|be|been|is|was|are|with|by|either|neither|between|both|to|the|a|an|would|could|like|from|for|without|instead|except|but)|n['’]t|[,;(["'“‘«–—-])$/i;
const doubt =
  /\b(?:not|never|if|would|could|should|might|may|were|unless|instead|rather|example|format|either|neither|wrong)\b|n['’]t\b/i;

const subject = "(?:answer|candidate|response|it|this|that)(?:['’]s answer)?";
const therefore = '(?:(?:therefore|thus|hence|so|clearly|indeed|also|overall|still) )*';
/** `The answer is therefore not correct`, and a line or sentence that is nothing but the word. */
const statement = new RegExp(
  `\\b${subject} (?:is|was) ${therefore}(not |in)?(correct|right|wrong|false)(?=\\s*(?:[.!]|$))` +
    `|(?:^|[.!:]\\s+)(in|not )?(correct|wrong)(?=\\s*(?:[.!]|$))`,
  'gim',
);

/**
 * The verdict of a reply in the form that was asked for: after any thinking there is exactly one verdict,
 * it is one of the two words, in any case, and it is the end of the reply. It may be bold, in a code
 * block, with a full stop, and after a label or a whole sentence on its line. Undefined for everything
 * else: a bare "Incorrect.", a verdict that is quoted or denied, one that the words before it contradict,
 * and what was cut off while it was thought of.
 */
export function readVerdict(reply: string): Verdict | undefined {
  const said = spokenPart(reply);
  if (said === undefined || said.split(/<\s*verdict/i).length !== 2) return undefined;
  const text = unfenced(said);
  const found = text === undefined ? null : verdictAtTheEnd.exec(text);
  if (found === null || text === undefined) return undefined;
  const verdict = found[1]?.toLowerCase() as Verdict;
  const before = text.slice(0, found.index);
  return introduces(before) && !contradicts(before, verdict) ? verdict : undefined;
}

/** The reply without the lines that begin and end a code block; undefined where one is left open. */
function unfenced(text: string): string | undefined {
  const fences = text.match(fence)?.length ?? 0;
  return fences % 2 === 0 ? text.replaceAll(fence, '').trim() : undefined;
}

/** Whether words before a verdict leave it to stand by itself. */
function introduces(before: string): boolean {
  const plain = before.replaceAll(/[*_`#]/g, '');
  const lines = plain.split('\n');
  const same = lastSentence(lines.at(-1) ?? '');
  if (same !== '' && !label.test(same)) return false;
  const line = lines.slice(0, -1).findLast((each) => each.trim() !== '') ?? '';
  const open = lastSentence(line);
  if (open === '' || label.test(open)) return true;
  return !openEnd.test(open) && !(open.endsWith(':') && doubt.test(open));
}

/** What stands after the last end of a sentence; nothing where the text ends with one. */
function lastSentence(text: string): string {
  return (
    text
      .trim()
      .split(/[.!?][)"'”’]?(?:\s+|$)/)
      .at(-1)
      ?.trim() ?? ''
  );
}

/** Whether the last plain statement of the explanation is the other verdict. */
function contradicts(before: string, verdict: Verdict): boolean {
  const plain = before.replaceAll(/[*_`#]/g, '');
  const last = [...plain.matchAll(statement)].at(-1);
  if (last === undefined) return false;
  const denied = (last[1] ?? last[3]) !== undefined;
  const isRight = /correct|right/i.test(last[2] ?? last[4] ?? '') !== denied;
  return isRight !== (verdict === 'correct');
}
