import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** Where this machine's Chromium is, on the path; undefined where it has none. */
export async function chromiumPath(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  for (const path of paths) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

/** Why tests of the page are skipped where there is no Chromium. */
export const withoutChromium = 'needs Chromium: `apt-get install chromium`, or Chrome on the path';

export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath });
}
