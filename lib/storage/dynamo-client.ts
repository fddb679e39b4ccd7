// DynamoDB's JSON protocol: retries, and what a reply means. See docs/decisions/003-storage.md for why not the SDK.

import { pauseAfter, type Retry } from "../core/retry.ts";
import { waitAtMost } from "../core/wait-at-most.ts";
import { traffic } from "../observability/traffic.ts";
import { embeddedTransport } from "./embedded-transport.ts";
import type { Endpoint } from "./endpoint.ts";
import { StorageFault, StorageUnavailable } from "./errors.ts";
import { httpTransport } from "./http-transport.ts";

/** An attribute as DynamoDB writes it on the wire. */
export type Attribute = { readonly S: string } | { readonly N: string };
export type Attributes = Readonly<Record<string, Attribute | undefined>>;

/** The reply of one operation. `ambiguous`: an earlier try of the same call may have had its effect. */
export interface DynamoReply {
  readonly body: Readonly<Record<string, unknown>>;
  readonly conditionFailed: boolean;
  readonly ambiguous: boolean;
}

export interface DynamoClient {
  /**
   * Why nothing is written at the moment, for people, as the embedded database said with its last reply; undefined when
   * it works, and always on AWS.
   */
  readonly writeFailure?: string | undefined;
  /**
   * Sends one operation, such as `PutItem`, trying again after throttling and broken connections. Once `signal` is aborted,
   * it rejects with its reason, and is not tried again; for reads, as a write may have had its effect.
   * @throws {StorageUnavailable} when no try was answered, {@link StorageFault} when the request itself was refused.
   */
  send(operation: string, input: object, signal?: AbortSignal): Promise<DynamoReply>;
  close(): Promise<void>;
}

const TRIES = 4;
const BACKOFF: Retry = { first: 100, longest: 1_600, growth: 4, jitter: 1 };
const CONDITION_FAILED = "ConditionalCheckFailedException";
const RETRYABLE = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "InternalServerError",
  "ServiceUnavailable",
]);

export interface DynamoClientOptions {
  /** Its requests are part of the process's traffic. */
  readonly isCounted?: boolean;
}

/** A client of the database at `endpoint`. */
export function createDynamoClient(
  endpoint: Endpoint,
  { isCounted = false }: DynamoClientOptions = {},
): DynamoClient {
  const transport = endpoint.embedded === true ? embeddedTransport(endpoint) : httpTransport(endpoint);
  let writeFailure: string | undefined;

  async function once(operation: string, body: string, signal: AbortSignal | undefined): Promise<Reply> {
    const { status, text, ...reply } = await transport.exchange(operation, body, signal);
    writeFailure = reply.writeFailure;
    return { status, body: text === "" ? {} : JSON.parse(text) };
  }

  return {
    get writeFailure() {
      return writeFailure;
    },
    async send(operation, input, signal) {
      // Here rather than around it: this is most of what is counted, by far, and a promise of its own would cost more than the counting.
      const counting = isCounted ? traffic() : undefined;
      const begun = counting === undefined ? 0 : performance.now();
      let answered = false;
      try {
        const body = JSON.stringify(input);
        let last: unknown;
        for (let attempt = 0; attempt < TRIES; attempt += 1) {
          signal?.throwIfAborted();
          if (attempt > 0) await pause(attempt, signal);
          let reply: Reply;
          try {
            reply = await once(operation, body, signal);
          } catch (error) {
            signal?.throwIfAborted();
            last = error;
            continue;
          }
          const reason = reasonOf(reply);
          const conditionFailed = reason === CONDITION_FAILED;
          if (reason === undefined || conditionFailed) {
            answered = true;
            return { body: reply.body, conditionFailed, ambiguous: attempt > 0 };
          }
          last = new StorageFault(operation, reason, messageOf(reply));
          if (reply.status < 500 && !RETRYABLE.has(reason)) throw last;
        }
        throw new StorageUnavailable(operation, last);
      } finally {
        if (counting !== undefined && "TableName" in input)
          counting.asked(String(input.TableName), performance.now() - begun, !answered);
      }
    },
    close: () => transport.close(),
  };
}

/** What the database has sent. */
interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Why a reply is not the answer, by DynamoDB's name for it; undefined: it is. */
const reasonOf = ({ status, body }: Reply): string | undefined =>
  status === 200 ? undefined : String(body["__type"] ?? status).replace(/^.*#/, "");

const messageOf = ({ body }: Reply): string => String(body["message"] ?? body["Message"] ?? "");

async function pause(failures: number, signal: AbortSignal | undefined): Promise<void> {
  await waitAtMost(pauseAfter(failures, BACKOFF), new Promise(() => {}), signal);
  signal?.throwIfAborted();
}
