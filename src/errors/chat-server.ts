import { defineErrors } from './entry.ts';

/** OpenAI-compatible chat servers: the judge, and models under evaluation. */
export const chatServerErrors = defineErrors({
  SSP_CHAT_SERVER_UNREACHABLE: {
    message: 'The chat server {url} does not answer: {problem}',
    remedy: 'Check the address and that the server runs; a slow one may need a higher timeout.',
    status: 503,
    exitCode: 3,
  },
  SSP_CHAT_SERVER_REFUSED: {
    message: 'The chat server {url} replied {status}: {reply}',
    remedy: 'Check the model name, the token in the environment and the limits of the server.',
    status: 502,
    exitCode: 3,
  },
  SSP_CHAT_REPLY_INVALID: {
    message: 'The chat server {url} sent no chat completion: {problem}',
    remedy: 'Give the address of an OpenAI-compatible server, such as http://localhost:8080/v1.',
    status: 502,
    exitCode: 3,
  },
  SSP_JUDGE_UNCLEAR: {
    message: 'The judge gave no verdict in the form that was asked for: {reply}',
    remedy: 'A few are only counted; where there are many, take a judge that follows instructions.',
    status: 502,
    exitCode: 3,
  },
});
