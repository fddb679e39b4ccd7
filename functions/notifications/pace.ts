// How fast each receiver is, as this process has seen it, so that messages for a slow one wait in the table, each for a time of its own,
// instead of occupying the sweeps that others' messages wait for.

import { TtlCache } from "../../lib/core/ttl-cache.ts";

export interface PaceOptions {
  /** Messages on their way to one receiver at once. */
  readonly atOnce: number;
  /** Milliseconds that an attempt is taken to last where nothing is known; by default as long as a message is put off at least. */
  readonly guessMs?: number;
  /** The longest time, in milliseconds, for which a message is put off; 5 min when left out. */
  readonly longestMs?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** The messages of one receiver in this process: on their way, and waiting for their turn. */
export interface Line {
  readonly running: number;
  readonly waiting: number;
}

interface Known {
  /** Milliseconds that an attempt takes, the latest ones counting most; undefined before the first. */
  readonly takes?: number;
  /** Until when its line is full, if all take so long. */
  readonly bookedUntil: number;
}

const RECEIVERS = 1_000;
const KEPT_MS = 600_000;
/** How much the latest attempt counts. */
const WEIGHT = 0.3;
const LONGEST_MS = 300_000;

export class Pace {
  readonly #atOnce: number;
  readonly #guessMs: number | undefined;
  readonly #longestMs: number;
  readonly #now: () => number;
  readonly #known: TtlCache<Known>;

  constructor({ atOnce, guessMs, longestMs = LONGEST_MS, now = () => performance.now() }: PaceOptions) {
    this.#atOnce = atOnce;
    this.#guessMs = guessMs;
    this.#longestMs = longestMs;
    this.#now = now;
    this.#known = new TtlCache({ limit: RECEIVERS, ttl: KEPT_MS, now });
  }

  /** Milliseconds until a message that joins `line` has its turn, as far as is known. */
  waitIn(receiver: string, { running, waiting }: Line): number {
    if (running < this.#atOnce) return 0;
    return (this.#known.get(receiver)?.takes ?? 0) * Math.ceil((waiting + 1) / this.#atOnce);
  }

  /** Records that an attempt took `ms`. */
  took(receiver: string, ms: number): void {
    const { takes = ms, bookedUntil = 0 } = this.#known.get(receiver) ?? {};
    this.#known.set(receiver, { takes: takes + WEIGHT * (ms - takes), bookedUntil });
  }

  /**
   * Milliseconds for which a message is put off, `least` or more: each one's turn comes after that of the one before. Where nothing is known, an
   * attempt is taken to last as long as is guessed.
   */
  putOff(receiver: string, least: number): number {
    const now = this.#now();
    const known = this.#known.get(receiver);
    const each = (known?.takes ?? this.#guessMs ?? least) / this.#atOnce;
    const turn = Math.max(known?.bookedUntil ?? 0, now + least) + each;
    const wait = Math.min(turn - now, this.#longestMs);
    this.#known.set(receiver, { ...known, bookedUntil: now + wait });
    return wait;
  }
}
