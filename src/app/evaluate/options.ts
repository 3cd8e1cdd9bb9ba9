import { z } from 'zod';

import { SspError } from '../../errors/error.ts';

/** The options of `ssp eval` that are no keys of the configuration. */
export const evalOptionsSchema = z.object({
  data: z.string().optional(),
  set: z.array(z.string()).default([]),
  searchUrl: z.string().optional(),
  index: z.string().optional(),
  policyUrl: z.string().optional(),
  model: z.string().optional(),
  tokenizer: z.string().optional(),
  apiUrl: z.string().optional(),
  apiModel: z.string().optional(),
  out: z.string(),
});
export type EvalOptions = z.output<typeof evalOptionsSchema>;

/** The error of options that do not go together. */
export function usage(problem: string): SspError {
  return new SspError('SSP_USAGE', { problem });
}
