import { chatServerErrors } from './chat-server.ts';
import { corpusErrors } from './corpus.ts';
import { encoderErrors } from './encoder.ts';
import { evaluationErrors } from './evaluation.ts';
import { generalErrors } from './general.ts';
import { hubErrors } from './hub.ts';
import { indexErrors } from './index.ts';
import { policyErrors } from './policy.ts';
import { pythonErrors } from './python.ts';
import { searchErrors } from './search.ts';
import { seedsErrors } from './seeds.ts';
import { tokenizerErrors } from './tokenizer.ts';
import { trainingErrors } from './training.ts';

/** Every error that a user can meet. ERRORS.md is written from this table (`npm run docs`). */
export const catalogue = {
  ...generalErrors,
  ...corpusErrors,
  ...encoderErrors,
  ...hubErrors,
  ...indexErrors,
  ...searchErrors,
  ...seedsErrors,
  ...pythonErrors,
  ...policyErrors,
  ...tokenizerErrors,
  ...chatServerErrors,
  ...evaluationErrors,
  ...trainingErrors,
};
