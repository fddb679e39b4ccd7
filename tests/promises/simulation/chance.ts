// What happens to each call of a port: one number of the history's schedule says so. 0 means that all goes well.

/** How a call of the store goes. */
export interface StoreChance {
  /** Milliseconds until it takes effect, and until its reply is there. */
  readonly latency: number;
  readonly back: number;
  readonly fault: StoreFault | undefined;
  /** Whether a write that is on its way when its process dies still takes effect. */
  readonly survives: boolean;
  /** How long indexes lag behind the write, in milliseconds. */
  readonly lag: number;
}

export type StoreFault =
  /** Nothing happens, and the caller gets an error. */
  | "refused"
  /** It takes effect, but the caller sees an error. */
  | "reply lost"
  /** It takes effect, its reply is lost, and the driver tried again by itself. */
  | "repeated"
  | "crash before"
  | "crash after";

export interface NetworkChance {
  readonly latency: number;
  readonly back: number;
  readonly fault: NetworkFault | undefined;
  /** Which instance is called. */
  readonly instance: number;
  /** When a message that arrives twice arrives again. */
  readonly again: number;
}

export type NetworkFault = "refused" | "reply lost" | "duplicated" | "crash before" | "crash after";

/** Numbers of a schedule are below this. */
export const RANGE = 4_096;

/** Share of calls that go wrong, by the history's turbulence: none, 1.4 %, 5.5 %, 16 %. */
const FAULTS = 56;
const TURBULENCE = [0, 1, 4, 12];

const PLAIN = [1, 0, 1, 2, 3, 7, 20, 60];
const SLOW = [250, 900, 3_000, 11_000];
const LAGS = [0, 0, 0, 0, 0, 30, 1_500, 9_000];

export class Chance {
  readonly #schedule: readonly number[];
  readonly #faultsFrom: number;
  #at = 0;
  /** While true, all goes well. */
  calm = false;

  constructor(schedule: readonly number[], turbulence: number) {
    this.#schedule = schedule;
    this.#faultsFrom = RANGE - FAULTS * (TURBULENCE[turbulence] ?? 0);
  }

  store(): StoreChance {
    const n = this.#next();
    const odd = n >> 3;
    const plain = {
      latency: PLAIN[n & 7] ?? 1,
      back: n & 8 ? (PLAIN[odd & 7] ?? 0) : 0,
      survives: (n & 64) > 0,
    };
    const lag = LAGS[(n >> 7) & 7] ?? 0;
    if (n < this.#faultsFrom) return { ...plain, lag, fault: undefined };
    const kind = (RANGE - 1 - n) % FAULTS;
    if (kind < 10) return { ...plain, lag, fault: "refused" };
    if (kind < 20) return { ...plain, lag, fault: "reply lost" };
    if (kind < 30) return { ...plain, lag, fault: "repeated", back: PLAIN[kind & 7] ?? 1 };
    if (kind < 36) return { ...plain, lag, fault: "crash before" };
    if (kind < 44) return { ...plain, lag, fault: "crash after" };
    return {
      ...plain,
      lag,
      fault: undefined,
      latency: SLOW[kind & 3] ?? 0,
      back: SLOW[(kind >> 2) & 3] ?? 0,
    };
  }

  network(): NetworkChance {
    const n = this.#next();
    const plain = { latency: PLAIN[n & 7] ?? 1, back: 0, instance: (n >> 4) & 1, again: 0 };
    if (n < this.#faultsFrom) return { ...plain, fault: undefined };
    const kind = (RANGE - 1 - n) % FAULTS;
    if (kind < 10) return { ...plain, fault: "refused" };
    if (kind < 20) return { ...plain, fault: "reply lost" };
    if (kind < 34)
      return {
        ...plain,
        fault: "duplicated",
        again: kind & 1 ? (PLAIN[kind & 7] ?? 1) : (SLOW[kind & 3] ?? 0),
      };
    if (kind < 38) return { ...plain, fault: "crash before" };
    if (kind < 42) return { ...plain, fault: "crash after" };
    return { ...plain, fault: undefined, latency: SLOW[kind & 3] ?? 0 };
  }

  /** A hint: when it arrives, undefined when it is lost. */
  hint(): number | undefined {
    const n = this.#next();
    return n >= this.#faultsFrom ? undefined : PLAIN[n & 7];
  }

  /** How long a process that died stays away, in milliseconds. */
  downtime(): number {
    return [400, 0, 5, 50, 2_000, 8_000, 30_000, 0][this.#next() & 7] ?? 0;
  }

  #next(): number {
    if (this.calm) return 0;
    const n = this.#schedule[this.#at] ?? 0;
    this.#at += 1;
    return n;
  }
}
