// Times in the format of Alipay and WeChat Pay: Beijing time, which is UTC+8 all year.

const AHEAD_MS = 8 * 3_600_000;
const PLAIN = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** `2026-11-01 20:00:00` for epoch milliseconds. */
export const plainBeijingTime = (time: number): string =>
  new Date(time + AHEAD_MS).toISOString().slice(0, 19).replace("T", " ");

/** `2026-11-01T20:00:00+08:00` for epoch milliseconds. */
export const offsetBeijingTime = (time: number): string =>
  `${new Date(time + AHEAD_MS).toISOString().slice(0, 19)}+08:00`;

/** Epoch milliseconds of `2026-11-01 20:00:00`; undefined for any other format. */
export function parseBeijingTime(text: string): number | undefined {
  const time = PLAIN.test(text) ? Date.parse(`${text.replace(" ", "T")}+08:00`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
