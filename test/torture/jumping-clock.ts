// For `node --import`, by NODE_OPTIONS: the clock of the process and of its worker threads jumps by
// hours, back and forth, several times a second. JUMPS is the seed.
import { createRandom } from '../../src/random/random.ts';

const RealDate = Date;
const random = createRandom(Number(process.env['JUMPS'] ?? 0), 'clock');
const everyMs = 150;
const hoursMs = 3_600_000;
let shiftMs = 0;
let jumpAtMs = 0;

function now(): number {
  if (performance.now() >= jumpAtMs) {
    jumpAtMs = performance.now() + everyMs;
    shiftMs = (random.below(49) - 24) * hoursMs;
  }
  return RealDate.now() + shiftMs;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: unknown[]) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args) as Date,
  get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
});
