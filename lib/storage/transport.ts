// How a request reaches the database and its reply comes back, once.

/** A complete reply, whatever its status. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  /** Why the embedded database accepts no writes now; undefined when it accepts them. */
  readonly writeFailure: string | undefined;
}

export interface Transport {
  /**
   * Sends the JSON `body` of one operation, such as `PutItem`, once. Rejects when no complete reply arrives in time: the request may
   * have had its effect then. It also rejects when `signal` is aborted; then a request that was not sent yet is not sent.
   */
  exchange(operation: string, body: string, signal?: AbortSignal): Promise<Reply>;
  /** Resolves when the requests in progress have ended, and the connections are closed. */
  close(): Promise<void>;
}

/** Milliseconds after which an unanswered try is given up. */
export const TRY_TIMEOUT_MS = 2_500;
