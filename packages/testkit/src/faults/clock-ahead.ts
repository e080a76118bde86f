/*
 * Loaded into a service before anything else (`node --import`): its wall clock is ahead by CLOCK_AHEAD_MS.
 * Timers and what is measured stay right, as they do on a host whose clock is wrong. Kafka's client is not
 * touched: the time stamps of its records decide nothing here.
 */
const aheadMs = Number(process.env.CLOCK_AHEAD_MS);
const now = Date.now.bind(Date);
const RealDate = Date;

class DateAhead extends RealDate {
  constructor(...parts: [] | ConstructorParameters<typeof Date>) {
    super(...((parts.length === 0 ? [now() + aheadMs] : parts) as [number]));
  }

  static override now(): number {
    return now() + aheadMs;
  }
}

globalThis.Date = DateAhead as DateConstructor;
