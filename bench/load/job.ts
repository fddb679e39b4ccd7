// Job and result of a load process. Both are sent as JSON.

import type { Urls } from "../../tests/support/shop.ts";
import type { ByRole, Processes } from "../processes.ts";
import type { ByKind, Usages } from "../usage.ts";

/** How long and how wide. Everything is begun again by each lane as soon as it has ended. */
export interface Timing {
  readonly lanes: number;
  /** At least so long, and on a busy machine longer, until code that runs often has been compiled. */
  readonly warmUpMs: number;
  readonly warmUpCount: number;
  readonly windowMs: number;
  /** Whose CPU time is to be read. */
  readonly processes: Processes;
  /** Also that of the load process itself, as `client`. */
  readonly countClient?: boolean;
  /**
   * CPU time is of the window alone, which follows the warm-up at once; by default the processes are quiet before it, and their CPU
   * time is counted until they are quiet again, up to some seconds.
   */
  readonly windowAlone?: boolean;
}

export interface RequestJob extends Timing {
  readonly kind: "request";
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly expect: number;
}

/**
 * `known`: each lane is one user, who orders for a bare amount. `new`: each flow has a buyer and a seller whom the system has
 * never seen before, and two lines, as real traffic has; nothing that is remembered of users helps then.
 */
export type FlowUsers = "known" | "new";

export interface FlowJob extends Timing {
  readonly kind: "flow";
  /** `provider`: the sandbox calls back itself, so that its records agree. By default its callback is sent from here. */
  readonly paidBy?: "provider";
  readonly users: FlowUsers;
  readonly urls: Urls;
  readonly secret: string;
}

/** Works on the database alone, through lib/storage. */
export interface StorageJob extends Timing {
  readonly kind: "put" | "get";
  readonly databaseUrl: string;
  readonly table: string;
}

/** One operation as it was sent to the database. */
export interface Step {
  /** `PutItem` */
  readonly operation: string;
  readonly input: object;
}

/** Sends the same operations over and over, with other ids each time. */
export interface ReplayJob extends Timing {
  readonly kind: "replay";
  readonly databaseUrl: string;
  readonly steps: readonly Step[];
  /** Texts within the steps, ids and users, of which each repetition has its own. */
  readonly fresh: readonly string[];
}

/** Writes orders straight into the database: how many for which user. */
export interface SeedJob {
  readonly kind: "seed";
  readonly databaseUrl: string;
  readonly table: string;
  readonly users: Readonly<Record<string, number>>;
}

/** Fills a database that nobody has open with orders of many users, then works on it at a steady pace. */
export interface FillJob {
  readonly kind: "fill";
  /** LevelDB's folder, in which the table exists. */
  readonly path: string;
  readonly table: string;
  readonly orders: number;
  readonly seed: number;
  readonly paceMs: number;
}

/** How long LevelDB took for batches. */
export interface BatchTimes {
  readonly count: number;
  /** Milliseconds. */
  readonly p99: number;
  readonly longest: number;
  /** How long all threads of the process together waited for a core during the longest one, in milliseconds. */
  readonly waited: number;
}

export interface Filled {
  readonly perSecond: number;
  /** While it was filled as fast as it goes. */
  readonly filling: BatchTimes;
  /** While it was written and read at a steady pace. */
  readonly paced: BatchTimes;
}

/** The same request as two users, by turns. */
export interface PairJob {
  readonly kind: "pair";
  readonly url: string;
  readonly users: readonly [string, string];
  readonly forMs: number;
}

export interface PairMeasured {
  /** Milliseconds, in the order of the users. */
  readonly p50: readonly [number, number];
}

export type Job = RequestJob | FlowJob | StorageJob | ReplayJob;

/** What was seen in the timed window, after the warm-up. */
export interface Measured {
  readonly count: number;
  /** Also what was done before the window. */
  readonly countWithWarmUp: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** From the window's begin until CPU time was last read, in milliseconds. */
  readonly wallMs: number;
  readonly cpuMs: ByRole;
  /** The same by kind of thread. */
  readonly threads: Readonly<Record<string, ByKind>>;
  /** What the processes had used when CPU time was last read. */
  readonly usageAtEnd: Usages;
  /** Share of the machine's CPU time that went to other processes; above 0.1 the figures suffer. */
  readonly others: number;
  /** When the window began and ended, in microseconds of the monotonic clock, as in a CPU profile. */
  readonly window: readonly [number, number];
  /** Looks at the state per flow beyond the first one each. */
  readonly extraPolls?: number;
}

export interface Seeded {
  /** An order of each user. */
  readonly orderOf: Readonly<Record<string, string>>;
  readonly perSecond: number;
}
