import { corpusErrors, indexErrors } from './corpus.ts';
import { elasticsearchErrors } from './elasticsearch.ts';
import { encoderServerErrors } from './encoder-server.ts';
import { generalErrors } from './general.ts';
import { chatServerErrors, encoderErrors, hubErrors, tokenizerErrors } from './models.ts';
import { policyErrors } from './policy.ts';
import { pythonErrors } from './python.ts';
import { searchErrors } from './search.ts';
import { evaluationErrors, seedsErrors, trainingErrors } from './training.ts';
/** Every error that a user can meet. ERRORS.md is written from this table (`npm run docs`). */
export const catalogue = {
  ...generalErrors,
  ...corpusErrors,
  ...elasticsearchErrors,
  ...encoderErrors,
  ...encoderServerErrors,
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
