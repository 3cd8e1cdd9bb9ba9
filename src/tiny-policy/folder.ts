import { fileURLToPath } from 'node:url';

/** The tiny policy that ships: a model folder in the Hugging Face format. */
export const tinyPolicyFolder = fileURLToPath(new URL('model', import.meta.url));
