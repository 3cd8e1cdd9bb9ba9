import type { Command } from 'commander';

import { serviceAddress } from './section-options.ts';

/** Where episodes are played: an index or a search service, and a policy service where one runs. */
export interface PlayPlaces {
  readonly index: string | undefined;
  readonly searchUrl: string | undefined;
  readonly policyUrl: string | undefined;
}

/** Gives `command` the flags of {@link PlayPlaces}. */
export function addPlaceOptions(command: Command): Command {
  return command
    .option('--index <dir>', 'index to search: a folder, or elasticsearch+https://host/name')
    .option('--search-url <address>', 'a running search service instead', serviceAddress)
    .option(
      '--policy-url <address>',
      'a running policy service; without it one is started',
      serviceAddress,
    );
}

/** What {@link addPlaceOptions} has read. */
export function placesOf(options: Readonly<Record<string, unknown>>): PlayPlaces {
  const { index, searchUrl, policyUrl } = options as Partial<PlayPlaces>;
  return { index, searchUrl, policyUrl };
}
