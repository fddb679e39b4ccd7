// A meter for tests.

import type { Meter } from "./meter.ts";

/** Measures nothing; tests replace what they look at. */
export const silentMeter: Meter = {
  request() {},
  attempt() {},
  retryRefused() {},
  ejected() {},
  delivery() {},
  storage() {},
  spans() {},
};
