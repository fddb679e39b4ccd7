// When the next probe of a service is due. The services of a runtime share its process: as long as all is well, they are probed one
// after the other, one a second, and as soon as one of them does not answer well, all at once.

import { PROBE_MS } from "./health-machine.ts";

/** Pauses of more than a moment end at a multiple of this, in milliseconds, so that probes share a wake-up. */
const TOGETHER_MS = 250;
/** By how much a timer may be early, in milliseconds. */
const EARLY_MS = 20;

/** Place of a service among those of its process. */
export interface Turn {
  readonly index: number;
  readonly of: number;
}

/**
 * When a pause of `ms` milliseconds ends that begins at `now`, and at which it may end up to 250 ms before; a pause of more than a
 * second, as between turns, ends at the service's next turn instead. All in milliseconds of one clock.
 */
export function endOfPause(now: number, ms: number, turn: Turn): number {
  if (ms < 2 * TOGETHER_MS) return now + ms;
  if (ms <= PROBE_MS) return Math.floor((now + ms) / TOGETHER_MS) * TOGETHER_MS;
  return lastTurn(now + ms, turn);
}

/** The last turn that is not after `until`. */
function lastTurn(until: number, { index, of }: Turn): number {
  const offset = index * PROBE_MS;
  const round = of * PROBE_MS;
  return Math.floor((until + EARLY_MS - offset) / round) * round + offset;
}

/** Ends the pauses between the turns of all services of a process. */
export interface Alarm {
  raise(): void;
  /** Calls `listener` at each alarm, until the returned function is called. */
  heard(listener: () => void): () => void;
}

export function createAlarm(): Alarm {
  const listeners = new Set<() => void>();
  return {
    raise() {
      for (const listener of [...listeners]) listener();
    },
    heard(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
