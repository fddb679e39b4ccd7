// Requests and replies of DynamoDB's JSON protocol, below HTTP.

import type { Log } from "../shared/log.ts";
import type { Body } from "./body.ts";
import { operations, type ReplyError } from "./dynalite.ts";
import { DatabaseUnavailable } from "./errors.ts";
import { addIndex } from "./fast/add-index.ts";
import { accessTo, SHAPES, type Shapes, surelySmall } from "./fast/shapes.ts";
import type { Store } from "./store.ts";

export interface Reply {
  readonly status: number;
  readonly body: Body;
}

/** Answers the request `text` of an operation, named as in the header `X-Amz-Target`; calls `done` once. */
export type Answer = (operation: string, text: string, done: (reply: Reply) => void) => void;

/**
 * Answers requests from `store`: those of `shapes` by their shape, new indexes by this database itself, all others by dynalite. A failure inside is logged, answered
 * with 500, and ends nothing else.
 */
export function createAnswers(store: Store, log: Log, shapes: Shapes = SHAPES): Answer {
  const access = accessTo(store);

  return (name, text, done) => {
    const fail = (error: unknown) => done(failure(error, log));
    const operation = operations.get(name);
    if (operation === undefined) return done(refusal("UnknownOperationException"));

    const byDynalite = (request: unknown) => {
      try {
        const data = operation.check(request, store);
        operation.act(operation.paged ? store.forPage(data) : store, data, (error, value) => {
          if (error) fail(error);
          else done({ status: 200, body: JSON.stringify(value) });
        });
      } catch (error) {
        fail(error);
      }
    };

    try {
      const request = parse(text);
      const shape = name === "UpdateTable" ? addIndex : shapes.get(name);
      const work = surelySmall(text) ? shape?.(request, access) : undefined;
      if (work === undefined) return byDynalite(request);
      work(
        (error, body = "") => (error ? fail(error) : done({ status: 200, body })),
        () => byDynalite(request),
      );
    } catch (error) {
      fail(error);
    }
  };
}

/** The reply that refuses a request with the service error `name`. */
export const refusal = (name: string, message?: string): Reply => json(400, serviceError(name, message));

function failure(error: unknown, log: Log): Reply {
  if (isReplyError(error)) return json(error.statusCode, error.body);
  if (error instanceof DatabaseUnavailable) {
    return json(503, serviceError("ServiceUnavailable", `The database accepts no writes: ${error.message}`));
  }
  log("error", "the embedded database failed to process a request", {
    error: error instanceof Error ? error.stack : String(error),
  });
  return json(500, {
    __type: "com.amazonaws.dynamodb.v20120810#InternalServerError",
    message: "The embedded database failed to process the request; see its log",
  });
}

const isReplyError = (error: unknown): error is Required<ReplyError> =>
  error instanceof Error && "statusCode" in error && "body" in error;

const json = (status: number, value: unknown): Reply => ({ status, body: JSON.stringify(value) });

const serviceError = (name: string, message?: string) => ({
  __type: `com.amazon.coral.service#${name}`,
  message,
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const error: ReplyError = new Error("The body is not JSON");
    error.statusCode = 400;
    error.body = serviceError("SerializationException");
    throw error;
  }
}
