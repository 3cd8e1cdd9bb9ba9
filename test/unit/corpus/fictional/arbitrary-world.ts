import fc from 'fast-check';

import type { World } from '../../../../corpus/fictional/world.ts';
import { createWorld } from '../../../../corpus/fictional/world.ts';

/** Worlds of 2 to 400 entities. */
export const arbitraryWorld: fc.Arbitrary<World> = fc
  .record({ seed: fc.nat(), entities: fc.integer({ min: 2, max: 400 }) })
  .map((size) => createWorld(size));
