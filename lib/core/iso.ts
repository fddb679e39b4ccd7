// Times as they are stored and answered.

/** The year 10000, which is written with more digits. */
const LATER = 253_402_300_800_000;
const MOST_KEPT = 64;
/** Texts of seconds, up to the decimal point: most times that are written are near each other. */
const kept = new Map<number, string>();

/** Epoch milliseconds as RFC 3339 in UTC, with milliseconds. All have the same length, so that they sort as text. */
export function iso(time: number): string {
  if (!(time >= 0 && time < LATER)) return new Date(time).toISOString();
  const whole = Math.floor(time);
  const second = Math.floor(whole / 1_000);
  const milliseconds = whole - second * 1_000;
  return `${textOf(second)}${milliseconds < 10 ? "00" : milliseconds < 100 ? "0" : ""}${milliseconds}Z`;
}

function textOf(second: number): string {
  const known = kept.get(second);
  if (known !== undefined) return known;
  const text = new Date(second * 1_000).toISOString().slice(0, -"000Z".length);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(second, text);
  return text;
}
