// DynamoDB's JSON protocol over HTTP. dynalite's own front ends the whole process when a client is killed in the
// middle of a request or a write fails, and draws random bytes and a checksum for each reply; this one does not.

import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Answer, type Reply, refusal } from "./answers.ts";
import { operations } from "./dynalite.ts";
import { BACKUP_PATH, COMPACTION_PATH } from "./upkeep-paths.ts";

/** Header of every reply while the database can't be written; its value is the reason. */
const WRITE_FAILURE_HEADER = "x-database-write-failure";

const TARGET = "DynamoDB_20120810.";

/** Most bodies come in one chunk, which is not copied then. */
const textOf = (chunks: readonly Buffer[]): string =>
  (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString() ?? "";

/** What the front does besides DynamoDB's operations. */
export interface Upkeep {
  /** Why nothing can be written at the moment. */
  writeFailure(): string | undefined;
  /** The text of a backup, in pieces. */
  backup(): AsyncIterable<string>;
  compact(): Promise<void>;
}

/** Passes requests to `answer`, and sends what it replies. */
export function createFront(answer: Answer, { writeFailure, backup, compact }: Upkeep) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    // Ignored: the client was killed. An error without a listener would end this process.
    request.on("error", () => {});
    if (request.method !== "POST") {
      request.resume();
      if (request.method === "GET" && request.url === BACKUP_PATH) {
        // A reader that gets no end knows that it is not whole; the connection is closed where the disk fails.
        pipeline(Readable.from(backup()), response).catch(() => {});
        return;
      }
      if (request.method === "PUT" && request.url === COMPACTION_PATH) {
        compact().then(
          () => response.writeHead(204).end(),
          () => response.writeHead(503).end(),
        );
        return;
      }
      response.end(`${writeFailure() === undefined ? "healthy" : "read-only"}: embedded database\n`);
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => take(request, response, textOf(chunks)));
  };

  function take({ headers }: IncomingMessage, response: ServerResponse, text: string): void {
    const target = String(headers["x-amz-target"]);
    const operation = target.startsWith(TARGET) ? target.slice(TARGET.length) : "";
    const done = (reply: Reply) => send(response, reply);
    // The signature is not checked: whoever reaches this port may use it. It listens on loopback only.
    if (operations.has(operation) && !headers.authorization?.startsWith("AWS4-")) {
      done(refusal("MissingAuthenticationTokenException", "Request is missing Authentication Token"));
      return;
    }
    answer(operation, text, done);
  }

  function send(response: ServerResponse, { status, body }: Reply): void {
    if (response.headersSent) return;
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
