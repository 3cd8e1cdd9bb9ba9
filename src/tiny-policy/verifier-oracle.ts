import type { Question } from '../../corpus/fictional/questions.ts';
import type { RetrievedPassage } from '../types/episode.ts';
import { readFact, restated } from './solver-oracle.ts';
import type { TrainingWorld } from './training-world.ts';
import type { Oracle, Piece, Source } from './turn.ts';
import { copy, own, say } from './turn.ts';

/**
 * The verifier: restates the chain as far as the material gives it, then answers with its end, or
 * that it is unknown.
 */
export function* verify(
  { question, chain }: Pick<Question, 'question' | 'chain'>,
  material: readonly RetrievedPassage[],
  world: TrainingWorld,
): Oracle {
  let subject = chain[0]?.subject ?? '';
  let from: Source = ` ${question}`;
  const pieces: Piece[] = [say('<think>')];
  for (const [hop, { relation }] of chain.entries()) {
    const read = readFact(subject, relation, material, world);
    const [, ...rest] = restated(subject, relation, read);
    pieces.push(...(hop === 0 ? [] : [say(';')]), copy(subject, from), ...rest);
    subject = read.value;
    from = own;
    if (read.from === undefined) break;
  }
  yield [...pieces, say('</think>'), say('<answer>'), copy(subject, own), say('</answer>')];
}
