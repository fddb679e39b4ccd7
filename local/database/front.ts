// DynamoDB's JSON protocol over HTTP. dynalite's own front ends the whole process when a client is killed in the
// middle of a request or a write fails, and draws random bytes and a checksum for each reply; this one does not.

import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../shared/log.ts";
import { operations, type ReplyError } from "./dynalite.ts";
import { DatabaseUnavailable } from "./errors.ts";
import type { Store } from "./store.ts";

const serviceError = (name: string, message?: string) => ({
  __type: `com.amazon.coral.service#${name}`,
  message,
});

/** Header of every reply while the database can't be written; its value is the reason. */
const WRITE_FAILURE_HEADER = "x-database-write-failure";

/**
 * Answers every request from `store`; a failure inside is logged, answered with 500, and ends nothing else.
 * @param writeFailure why nothing can be written at the moment.
 */
export function createFront(store: Store, log: Log, writeFailure: () => string | undefined) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    // Ignored: the client was killed. An error without a listener would end this process.
    request.on("error", () => {});
    if (request.method !== "POST") {
      request.resume();
      response.end(`${writeFailure() === undefined ? "healthy" : "read-only"}: embedded database\n`);
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(request, response, Buffer.concat(chunks).toString()));
  };

  function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const operation = operations.get(
      /^DynamoDB_20120810\.(\w+)$/.exec(String(request.headers["x-amz-target"]))?.[1] ?? "",
    );
    if (operation === undefined) {
      reply(response, 400, serviceError("UnknownOperationException"));
      return;
    }
    // The signature is not checked: whoever reaches this port may use it. It listens on loopback only.
    if (!request.headers.authorization?.startsWith("AWS4-")) {
      reply(
        response,
        400,
        serviceError("MissingAuthenticationTokenException", "Request is missing Authentication Token"),
      );
      return;
    }
    const done = (error: Error | null, value?: unknown) => {
      if (error === null || error === undefined) reply(response, 200, value);
      else fail(response, error);
    };
    try {
      const data = operation.check(parse(body), store, body.length);
      operation.act(operation.paged ? store.forPage(data) : store, data, done);
    } catch (error) {
      fail(response, error instanceof Error ? error : new Error(String(error)));
    }
  }

  function fail(response: ServerResponse, error: ReplyError): void {
    if (error.statusCode !== undefined && error.body !== undefined) {
      reply(response, error.statusCode, error.body);
      return;
    }
    if (error instanceof DatabaseUnavailable) {
      reply(
        response,
        503,
        serviceError("ServiceUnavailable", `The database accepts no writes: ${error.message}`),
      );
      return;
    }
    log("error", "the embedded database failed to process a request", { error: error.stack });
    reply(response, 500, {
      __type: "com.amazonaws.dynamodb.v20120810#InternalServerError",
      message: "The embedded database failed to process the request; see its log",
    });
  }

  function reply(response: ServerResponse, status: number, value: unknown): void {
    if (response.headersSent) return;
    const body = JSON.stringify(value);
    const reason = writeFailure();
    if (reason !== undefined) response.setHeader(WRITE_FAILURE_HEADER, reason);
    response.writeHead(status, {
      "content-type": "application/x-amz-json-1.0",
      "content-length": Buffer.byteLength(body),
      "x-amzn-requestid": randomUUID(),
    });
    response.end(body);
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    const error: ReplyError = new Error("The body is not JSON");
    error.statusCode = 400;
    error.body = serviceError("SerializationException");
    throw error;
  }
}
