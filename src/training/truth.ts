import type { QuestionRecord } from '../types/question-record.ts';

/** Whether a question's answer is right by a world's facts: shown, never rewarded. */
export type TruthOf = (question: string, answers: readonly string[]) => QuestionRecord['truth'];

/** The records with the truth of their valid questions; as they are where no facts are known. */
export function withTruth(
  records: readonly QuestionRecord[],
  truthOf: TruthOf | undefined,
): QuestionRecord[] {
  return records.map((record) => {
    const { question, proposal, answers } = record;
    if (question === undefined || proposal?.verdict.kind !== 'valid') return record;
    const truth = truthOf?.(question, answers);
    return truth === undefined ? record : { ...record, truth };
  });
}
