// For `node --import`, also by NODE_OPTIONS: the clock of this process and of its worker threads goes
// wrong by SHIFT_MS milliseconds.
const shiftMs = Number(process.env['SHIFT_MS'] ?? 0);
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: unknown[]) => {
    const given = args.length === 0 ? [RealDate.now() + shiftMs] : args;
    return Reflect.construct(target, given) as Date;
  },
  get: (target, key) =>
    key === 'now' ? () => RealDate.now() + shiftMs : (Reflect.get(target, key) as unknown),
});
