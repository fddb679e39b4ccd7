// A clock that can be set forward, so that a test need not wait until an order expires.

let ahead = Number(process.env["CRASH_CLOCK_MS"] ?? 0);

/** Sets the time of `Date` forward by `ahead` milliseconds; timers run as ever. */
export function settableClock(): void {
  const RealDate = Date;
  const now = () => RealDate.now() + ahead;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    get: (target, key) => (key === "now" ? now : Reflect.get(target, key, target)),
  });
}

/** Sets the clock forward by `ms` more. */
export function advance(ms: number): void {
  ahead += ms;
}
