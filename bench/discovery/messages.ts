// Messages between the processes of a run, over their IPC channels; plain JSON. Times are epoch milliseconds.

/** How an instance gets into the registry: by its sidecar, by the `nacos` package as its documentation has it, or not at all. */
export type Announced = "sidecar" | "plain" | "none";

export interface PeerJob {
  readonly service: string;
  readonly announced: Announced;
  readonly nacosServer: string;
  /** Service time of a request, in milliseconds; one listener for each. */
  readonly delays: readonly number[];
}

/** Asks for the pid of its sidecar as it is now. */
export type ToPeer = { readonly type: "sidecar" };

export type FromPeer =
  | {
      readonly type: "listening";
      readonly ports: readonly number[];
      readonly instance: string;
      readonly at: number;
    }
  /** Its first request that was no health check. */
  | { readonly type: "first-request"; readonly at: number }
  | { readonly type: "sidecar"; readonly pid: number };

export interface CallerJob {
  readonly service: string;
  /** By lib/discovery, or by the `nacos` package with random choice. */
  readonly by: "ours" | "plain";
  readonly nacosServer: string;
  readonly perSecond: number;
  readonly dataDir: string;
}

export interface FailedAttempt {
  readonly at: number;
  readonly port: number;
  readonly why: string;
}

/** What a caller saw since its last report. */
export interface Seen {
  readonly calls: number;
  readonly failedCalls: readonly { readonly at: number; readonly why: string }[];
  readonly failedAttempts: readonly FailedAttempt[];
  /** First and last success of each port. */
  readonly served: Readonly<Record<number, { readonly first: number; readonly last: number }>>;
  readonly slowestMs: number;
}

export type ToCaller = { readonly type: "report" };
export type FromCaller = { readonly type: "seen"; readonly seen: Seen };
