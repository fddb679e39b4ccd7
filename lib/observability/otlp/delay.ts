// How long spans are collected before they are sent: while somebody watches them arrive, less long.

const USUAL_MS = 1_000;

let delayMs = USUAL_MS;

/** Milliseconds from a span's end until it is sent, at most. */
export const spanDelayMs = (): number => delayMs;

/** Sets it, from the next batch on; without a number the usual second. */
export function setSpanDelay(milliseconds = USUAL_MS): void {
  delayMs = milliseconds;
}
