import { SspError } from '../errors/error.ts';
import type { Progress } from '../progress/progress.ts';
import type {
  EvaluationQuestion,
  EvaluationScores,
  EvaluationSetting,
} from '../types/evaluation.ts';
import type { EvaluationOptions, EvaluationPlayers } from './evaluate-questions.ts';
import { evaluateQuestions } from './evaluate-questions.ts';
import { EvaluationFolder } from './evaluation-folder.ts';
import type { SetRecords } from './scores.ts';
import { averageScores, setScores } from './scores.ts';

/** The questions of a set that are asked. */
interface AskedSet {
  readonly name: string;
  readonly questions: readonly EvaluationQuestion[];
}

/** An evaluation whose result is stored. */
interface EvaluationRun {
  /** Folder of the result, and of what is kept while it is made. */
  readonly out: string;
  readonly setting: EvaluationSetting;
  readonly sets: readonly AskedSet[];
  readonly players: EvaluationPlayers;
  readonly options: Omit<EvaluationOptions, 'onRecord' | 'seed' | 'answeredBefore'>;
  readonly progress: Progress;
}

/**
 * Asks the questions of all sets and stores the scores; questions that an earlier run of the same
 * setting answered are not asked again. Throws what {@link EvaluationFolder.open} and
 * {@link evaluateQuestions} throw, and SSP_INTERRUPTED once the signal is aborted.
 */
export async function runEvaluation(
  run: EvaluationRun,
  signal: AbortSignal,
): Promise<EvaluationScores> {
  const folder = await EvaluationFolder.open(run.out, run.setting);
  try {
    const sets = await askSets(run, folder, signal);
    const { setting } = run;
    const scores: EvaluationScores = {
      formatVersion: 1,
      setting,
      sets: sets.map((set) => setScores(set, setting.seed)),
      average: averageScores(sets, setting.seed),
    };
    await folder.finish(sets, scores);
    return scores;
  } finally {
    await folder.close();
  }
}

/** The questions of all sets go out together, so that none waits for the slowest of another set. */
async function askSets(
  { sets, players, options, setting, progress }: EvaluationRun,
  folder: EvaluationFolder,
  signal: AbortSignal,
): Promise<SetRecords[]> {
  const all = sets.flatMap(({ name, questions }) =>
    questions.map((question) => ({ set: name, question, kept: folder.kept(name, question.id) })),
  );
  const open = all.filter(({ kept }) => kept === undefined);
  const keptCount = all.length - open.length;
  if (keptCount > 0) progress.note(`${keptCount} of ${all.length} questions are answered already`);
  const stage = progress.stage('evaluate', 'questions', open.length);
  let answered = keptCount;
  const onRecord: EvaluationOptions['onRecord'] = (record, index) => {
    folder.add(open[index]?.set ?? '', record);
    answered += 1;
    stage.add(1);
  };
  try {
    const { records } = await evaluateQuestions(
      open.map(({ question }) => question),
      players,
      { ...options, seed: setting.seed, answeredBefore: keptCount, onRecord },
      signal,
    );
    stage.end();
    const asked = records.values();
    const results = all.map(({ set, kept }) => ({ set, record: kept ?? asked.next().value }));
    return sets.map(({ name }) => ({
      name,
      records: results.flatMap(({ set, record }) =>
        set === name && record !== undefined ? [record] : [],
      ),
    }));
  } catch (error) {
    if (!signal.aborted) throw error;
    const state = `${answered} of ${all.length} questions are answered and kept.`;
    throw new SspError(
      'SSP_INTERRUPTED',
      { progress: state, resume: 'it asks the others.' },
      { cause: error },
    );
  }
}
