// Numbers and times as the page shows them.

export const NONE = "–";

/** A duration in milliseconds, with the unit that keeps it short. */
export function duration(ms: number | null): string {
  if (ms === null) return NONE;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

export const rate = (perSecond: number): string =>
  perSecond >= 100 ? Math.round(perSecond).toString() : perSecond.toFixed(1);

export function bytes(count: number | null): string {
  if (count === null) return NONE;
  return count < 1_000_000 ? `${Math.ceil(count / 1_000)} kB` : `${Math.round(count / 1_000_000)} MB`;
}

export const share = (part: number | null): string => (part === null ? NONE : `${Math.round(part * 100)} %`);

export const whole = (count: number | null): string => (count === null ? NONE : String(count));

const two = (part: number): string => String(part).padStart(2, "0");

/** The local time of day, with milliseconds: `09:05:03.042`. */
export function clock(at: number): string {
  const time = new Date(at);
  const day = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return `${day}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** Date and time of day: `2026-11-29 09:05:03`. */
export function dateAndTime(at: number): string {
  const time = new Date(at);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock(at).slice(0, 8)}`;
}

/** A value of an attribute or a field as text. */
export const plain = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
