// Requests and calls of the last minute, counted by second, with their durations in buckets. Memory is bounded.

import type { CountedPlace } from "./counts.ts";
import { BUCKETS, bucketOf, type Place, percentile } from "./durations.ts";
import type { Edge, Traffic } from "./map-contract.ts";

/** Of {@link Traffic}. */
export const WINDOW_MS = 10_000;
const KEPT_SECONDS = 60;
/** Services and edges of others beyond are not counted: names are theirs to choose. */
const MOST_KEYS = 300;
/** With those that runtimes count themselves. */
const MOST_OF_ALL = 600;

interface Second {
  second: number;
  count: number;
  errors: number;
  readonly durations: Uint32Array;
}

/** What happened at one place in the last minute. */
class Window {
  readonly #seconds: (Second | undefined)[] = [];

  /** The second to which `at` belongs, which is now where it is later; undefined where it is over a minute ago. */
  at(at: number, now: number): Second | undefined {
    const second = Math.floor(Math.min(at, now) / 1_000);
    const index = second % KEPT_SECONDS;
    let slot = this.#seconds[index];
    if (slot === undefined || slot.second < second || isAhead(slot, now)) {
      slot = { second, count: 0, errors: 0, durations: new Uint32Array(BUCKETS) };
      this.#seconds[index] = slot;
    }
    return slot.second > second ? undefined : slot;
  }

  over(now: number, windowMs: number): Traffic {
    const since = Math.floor((now - windowMs) / 1_000);
    const durations = new Uint32Array(BUCKETS);
    let [count, errors] = [0, 0];
    for (const slot of this.#seconds) {
      if (slot === undefined || slot.second <= since || isAhead(slot, now)) continue;
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
    return this.#seconds.every((slot) => slot === undefined || slot.second <= since || isAhead(slot, now));
  }
}

/** Whether it is of the time before the clock was set back. */
const isAhead = ({ second }: Second, now: number): boolean => second > Math.floor(now / 1_000);

export class TrafficTable {
  readonly #places = new Map<string, { readonly place: Place; readonly window: Window }>();

  /** `now`: senders' clocks may be ahead. */
  add(place: Place, at: number, durationMs: number, failed: boolean, now: number): void {
    const slot = this.#windowOf(place)?.at(at, now);
    if (slot === undefined) return;
    const bucket = bucketOf(durationMs);
    slot.count += 1;
    if (failed) slot.errors += 1;
    slot.durations[bucket] = (slot.durations[bucket] ?? 0) + 1;
  }

  /** Adds what was counted elsewhere, about at `at`. */
  addCounted({ place, count, errors, durations }: CountedPlace, at: number): void {
    const slot = this.#windowOf(place, MOST_OF_ALL)?.at(at, at);
    if (slot === undefined) return;
    slot.count += count;
    slot.errors += errors;
    durations.forEach((of, bucket) => {
      slot.durations[bucket] = (slot.durations[bucket] ?? 0) + of;
    });
  }

  #windowOf(place: Place, most = MOST_KEYS): Window | undefined {
    const key = `${place.from}\n${place.to}\n${place.kind}`;
    let known = this.#places.get(key);
    if (known === undefined) {
      if (this.#places.size >= most) return undefined;
      known = { place, window: new Window() };
      this.#places.set(key, known);
    }
    return known.window;
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
