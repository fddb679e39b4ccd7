// Times as Alipay and WeChat Pay write them: Beijing's, eight hours ahead of UTC all year.

const AHEAD_MS = 8 * 3_600_000;
const PLAIN = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** `2026-11-01 20:00:00` for epoch milliseconds. */
export const plainBeijingTime = (time: number): string =>
  new Date(time + AHEAD_MS).toISOString().slice(0, 19).replace("T", " ");

/** `2026-11-01T20:00:00+08:00` for epoch milliseconds. */
export const offsetBeijingTime = (time: number): string =>
  `${new Date(time + AHEAD_MS).toISOString().slice(0, 19)}+08:00`;

/** Epoch milliseconds of `2026-11-01 20:00:00`; undefined when it is not written so. */
export function parseBeijingTime(text: string): number | undefined {
  const time = PLAIN.test(text) ? Date.parse(`${text.replace(" ", "T")}+08:00`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
