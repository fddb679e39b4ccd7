// What this process measures, and for whom. Nothing is measured until the local runtime sets a meter (local/metrics/).
// No value here is an id: labels of metrics must have few values.

export interface Meter {
  /** A request to a declared route was answered; `route` is the path's template. */
  request(service: string, route: string, method: string, status: number, seconds: number): void;
  /** An attempt at an instance of `service` ended; `retry`: it was not the first of its call. */
  attempt(service: string, outcome: string, retry: boolean, seconds: number): void;
  /** A call to `service` ended without a further attempt, because its retry budget was spent. */
  retryRefused(service: string): void;
  /** An instance of `service` was ejected. */
  ejected(service: string): void;
  /** `service` tried to deliver an outbox event that was created `ageSeconds` ago. */
  delivery(service: string, outcome: DeliveryOutcome, ageSeconds: number): void;
  /** A request to the database ended, its repetitions included. */
  storage(operation: string, outcome: string, seconds: number): void;
  /** What became of `count` spans. */
  spans(outcome: SpanOutcome, count: number): void;
}

/** `refused`: by the receiver. `unreachable`: it did not answer, several times. */
export type SpanOutcome = "sent" | "queue_full" | "refused" | "unreachable";

export type DeliveryOutcome = "delivered" | "postponed" | "parked";

let current: Meter | undefined;

/** The meter of this process; undefined while nothing is measured. */
export const meter = (): Meter | undefined => current;

/** Sets the meter, or with `undefined` ends measuring. */
export function setMeter(next: Meter | undefined): void {
  current = next;
}
