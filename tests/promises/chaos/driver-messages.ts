// What the driver and the one who started it tell each other; plain JSON.

export type ToDriver =
  | { readonly type: "stop" }
  /** One call of its own, to see how it fails when nobody lives. */
  | { readonly type: "once"; readonly service: string; readonly deadlineMs: number };

export interface Failure {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly what: string;
  readonly why: string;
  readonly tookMs: number;
}

export interface DriverReport {
  readonly type: "report";
  readonly seconds: number;
  /** Calls of the stream that were answered as they should be. */
  readonly calls: number;
  readonly perSecond: number;
  /** Orders created and paid; paying makes PaymentService call OrderService. */
  readonly flows: number;
  /** Answers "the database does not answer", after which the same keyed command was sent again. */
  readonly databaseAway: number;
  readonly failures: readonly Failure[];
  /** Milliseconds of an answered call of the stream. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

export type FromDriver =
  | { readonly type: "progress"; readonly calls: number; readonly flows: number; readonly failed: number }
  | { readonly type: "answer"; readonly outcome: string; readonly tookMs: number }
  | DriverReport;
