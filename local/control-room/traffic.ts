// Requests and calls of the last minute, counted by second, with their durations in buckets. Memory is bounded.

import type { Edge, Traffic } from "./map-contract.ts";

/** Of {@link Traffic}. */
export const WINDOW_MS = 10_000;
const KEPT_SECONDS = 60;
/** Buckets of durations: each a quarter longer than the one before, from 0.1 ms to 2 minutes. */
const BUCKETS = 64;
const FACTOR = 1.25;
const FIRST_MS = 0.1;
/** Services and edges beyond are not counted: names are others' to choose. */
const MOST_KEYS = 300;

interface Second {
  second: number;
  count: number;
  errors: number;
  readonly durations: Uint32Array;
}

/** What happened at one place in the last minute. */
class Window {
  readonly #seconds: (Second | undefined)[] = [];

  add(at: number, durationMs: number, failed: boolean): void {
    const second = Math.floor(at / 1_000);
    const index = second % KEPT_SECONDS;
    let slot = this.#seconds[index];
    if (slot === undefined || slot.second < second) {
      slot = { second, count: 0, errors: 0, durations: new Uint32Array(BUCKETS) };
      this.#seconds[index] = slot;
    } else if (slot.second > second) return;
    slot.count += 1;
    if (failed) slot.errors += 1;
    const bucket = bucketOf(durationMs);
    slot.durations[bucket] = (slot.durations[bucket] ?? 0) + 1;
  }

  over(now: number, windowMs: number): Traffic {
    const since = Math.floor((now - windowMs) / 1_000);
    const durations = new Uint32Array(BUCKETS);
    let [count, errors] = [0, 0];
    for (const slot of this.#seconds) {
      if (slot === undefined || slot.second <= since) continue;
      count += slot.count;
      errors += slot.errors;
      slot.durations.forEach((of, bucket) => {
        durations[bucket] = (durations[bucket] ?? 0) + of;
      });
    }
    return {
      window_ms: windowMs,
      per_second: Math.round((count * 1_000_000) / windowMs) / 1_000,
      p50_ms: percentile(durations, count, 0.5),
      p99_ms: percentile(durations, count, 0.99),
      count,
      errors,
    };
  }

  isIdle(now: number): boolean {
    const since = Math.floor(now / 1_000) - KEPT_SECONDS;
    return this.#seconds.every((slot) => slot === undefined || slot.second <= since);
  }
}

const bucketOf = (durationMs: number): number =>
  Math.min(
    BUCKETS - 1,
    Math.max(0, Math.ceil(Math.log(Math.max(durationMs, FIRST_MS) / FIRST_MS) / Math.log(FACTOR))),
  );

/** The upper end of the bucket in which it is, so at most a quarter too high. */
function percentile(durations: Uint32Array, count: number, share: number): number | null {
  if (count === 0) return null;
  let left = Math.ceil(count * share);
  const bucket = durations.findIndex((of) => {
    left -= of;
    return left <= 0;
  });
  return Math.round(FIRST_MS * FACTOR ** Math.max(0, bucket) * 100) / 100;
}

/** Where something happened: a service, or an edge between two. */
interface Place {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
}

export class TrafficTable {
  readonly #places = new Map<string, { readonly place: Place; readonly window: Window }>();

  add(place: Place, at: number, durationMs: number, failed: boolean): void {
    const key = `${place.from}\n${place.to}\n${place.kind}`;
    let known = this.#places.get(key);
    if (known === undefined) {
      if (this.#places.size >= MOST_KEYS) return;
      known = { place, window: new Window() };
      this.#places.set(key, known);
    }
    known.window.add(at, durationMs, failed);
  }

  /** All places with traffic in the last minute; those without are forgotten. */
  edges(now: number, windowMs = WINDOW_MS): readonly Edge[] {
    for (const [key, { window }] of this.#places) if (window.isIdle(now)) this.#places.delete(key);
    return [...this.#places.values()].map(({ place, window }) => ({
      ...place,
      traffic: window.over(now, windowMs),
    }));
  }
}

export const noTraffic: Traffic = {
  window_ms: WINDOW_MS,
  per_second: 0,
  p50_ms: null,
  p99_ms: null,
  count: 0,
  errors: 0,
};
