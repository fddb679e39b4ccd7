// Answers data that is not HTTP, a head that is too long, or a request that does not arrive in time; then closes the connection.

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { STATUS_CODES } from "../../../lib/core/node-http.ts";
import { Problem } from "../../../lib/http/problem.ts";
import { refusal } from "./refuse.ts";

/** The last request that was read from a connection. */
export interface LastRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The guard refused it, so nothing more is read from this connection. */
  refused: boolean;
}

/** For the event `clientError`; `last` is undefined when no request was read from `socket` yet. */
export function answerUnreadable(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  last: LastRequest | undefined,
): void {
  if (answered.has(socket)) return;
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  // The refusal that was already sent closes the connection.
  if (last?.refused === true) {
    last.response.end();
    return;
  }
  // A request before it is still being answered: the reply must not be mixed with this one's.
  if (last?.request.complete === true && !last.response.writableFinished) {
    last.response.once("close", () => socket.destroy());
    return;
  }
  if (last?.request.complete === false && last.response.headersSent) {
    socket.destroy();
    return;
  }
  answerRaw(problemOf(error.code), {}, socket);
}

/** Connections with an answer, whose clients may still send: it is read, and counts for nothing. */
const answered = new WeakSet<Duplex>();
/** So long a client may go on after its answer. If it found the connection closed meanwhile it might not read the answer. */
const LINGER_MS = 1_000;

/** Sends `problem` on a connection that Node's server does not answer on, then closes it: when its client does, or soon. */
export function answerRaw(problem: Problem, request: IncomingHttpHeaders, socket: Duplex): void {
  const { status, headers, body } = refusal(problem, request);
  const lines = Object.entries({ ...headers, connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  answered.add(socket);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, ...lines, "", body].join("\r\n"));
  socket.resume();
  const late = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once("close", () => clearTimeout(late));
}

function problemOf(code: string | undefined): Problem {
  if (code === "HPE_HEADER_OVERFLOW")
    return new Problem(431, "head_too_large", "The request's head is too large.");
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW")
    return new Problem(413, "body_too_large", "The body's chunk extensions are too large.");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new Problem(408, "request_late", "The request did not arrive in time.");
  return unreadable(400);
}

/** A request that could not be read, for a reason that has no code of its own. */
export const unreadable = (status: number): Problem =>
  new Problem(status, "bad_request", "The request could not be read.");
