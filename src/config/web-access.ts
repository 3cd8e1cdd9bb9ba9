import { z } from 'zod';

/** Keys of both services: which requests that a web page may have brought about are answered. */
export const webAccess = {
  allowedHosts: z
    .array(z.string().regex(/^[^\s/,]+$/, 'give host names or addresses'))
    .default([])
    .describe('Further names under which this service may be asked (header Host)'),
  allowedOrigins: z
    .array(z.string().regex(/^(https?:\/\/[^\s/,]+|null)$/, 'give origins such as https://ui.lan'))
    .default([])
    .describe('Web pages that may use this service, such as https://ui.lan (CORS)'),
};
