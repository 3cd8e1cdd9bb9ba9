import { z } from 'zod';

/**
 * The address of a service as people type it: `127.0.0.1:8000` stands for `http://127.0.0.1:8000`.
 * Undefined for what is no address of HTTP. A path stays, a last slash too.
 */
export function addressOf(text: string): string | undefined {
  const named = /^[a-z][a-z\d+.-]*:\/\//i.test(text.trim()) ? text.trim() : `http://${text.trim()}`;
  const url = URL.parse(named);
  return url !== null && /^https?:$/.test(url.protocol) ? named : undefined;
}

export const addressHint = 'give an address such as http://127.0.0.1:8000';

/** A key that holds an address; {@link addressOf} says how it may be typed. */
export function address(): z.ZodType<string, string> {
  return addresses(false);
}

/** A key that holds one address, or several joined by commas. */
export function addressList(): z.ZodType<string, string> {
  return addresses(true);
}

function addresses(several: boolean): z.ZodType<string, string> {
  return z.string().transform((text, context) => {
    const found = (several ? text.split(',') : [text]).map(addressOf);
    if (!found.includes(undefined)) return found.join(',');
    context.addIssue({ code: 'custom', message: addressHint });
    return z.NEVER;
  });
}
