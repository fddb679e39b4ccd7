// One gRPC call as a client makes it: one message is sent, one is answered. Source: gRPC over HTTP/2.

import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
} from "node:http2";
import { FrameReader } from "./grpc/frames.ts";
import { GRPC_STATUS } from "./grpc/status.ts";

/** Bytes of one message. A list of a thousand instances has half a megabyte. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** `NGHTTP2_CANCEL`: the client is no longer interested. */
const CANCEL = 8;

/** The call ended without a message; the message says how. */
export class CallFailed extends Error {
  readonly code = "grpc_call_failed";

  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
    this.name = "CallFailed";
  }
}

/** The server did not answer within the time limit. */
export class CallTimedOut extends Error {
  readonly code = "grpc_call_timed_out";

  constructor() {
    super("no answer in time");
    this.name = "CallTimedOut";
  }
}

/** A connection to a server. */
export interface GrpcTarget {
  readonly http2: ClientHttp2Session;
  /** `host:port` as it was asked for. Node's own is wrong for IPv6: it lacks the brackets. */
  readonly authority: string;
}

/** Opens a stream for a call. @throws {Error} when the session is over. */
export function openStream({ http2, authority }: GrpcTarget, path: string): ClientHttp2Stream {
  return http2.request({
    ":method": "POST",
    ":path": path,
    ":authority": authority,
    "content-type": "application/grpc",
    te: "trailers",
  });
}

/**
 * Sends a framed message; resolves with the message that the server answers.
 * @throws {CallTimedOut} after `timeoutMs` milliseconds. {@link CallFailed} when the call ends without a message.
 */
export function call(target: GrpcTarget, path: string, framed: Buffer, timeoutMs: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const stream = openStream(target, path);
  const outcome = new Outcome();
  const timer = setTimeout(() => {
    stream.close(CANCEL);
    reject(new CallTimedOut());
  }, timeoutMs);
  stream.on("response", (headers) => outcome.head(headers));
  stream.on("trailers", (headers) => outcome.trailers(headers));
  onMessages(stream, {
    onMessage: (message) => outcome.message(message),
    onDamage: (cause) => {
      outcome.failed(cause);
      stream.close(CANCEL);
    },
  });
  stream.on("error", (cause) => outcome.failed(cause));
  stream.once("close", () => {
    clearTimeout(timer);
    outcome.settle(resolve, reject);
  });
  stream.end(framed);
  return promise;
}

/** Reads the messages of a stream. `onMessage` may throw for a message that it can't read: then, too, the bytes are damaged. */
export function onMessages(
  stream: ClientHttp2Stream,
  {
    onMessage,
    onDamage,
  }: { readonly onMessage: (message: Buffer) => void; readonly onDamage: (cause: unknown) => void },
): void {
  const reader = new FrameReader(MAX_MESSAGE_BYTES);
  let damaged = false;
  stream.on("data", (chunk: Buffer) => {
    if (damaged) return;
    try {
      for (const message of reader.read(chunk)) onMessage(message);
    } catch (cause) {
      damaged = true;
      onDamage(cause);
    }
  });
}

/** What is known of a call so far. */
class Outcome {
  #http: number | undefined;
  #grpc: string | undefined;
  #detail = "";
  #message: Buffer | undefined;
  #cause: unknown;

  head(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.#http = headers[":status"];
    this.trailers(headers);
  }

  /** A call that fails at once has its status in the head. */
  trailers(headers: IncomingHttpHeaders): void {
    const { "grpc-status": status, "grpc-message": detail } = headers;
    if (typeof status === "string") this.#grpc = status;
    if (typeof detail === "string") this.#detail = detail;
  }

  message(message: Buffer): void {
    this.#message = message;
  }

  failed(cause: unknown): void {
    this.#cause ??= cause;
  }

  settle(resolve: (message: Buffer) => void, reject: (cause: unknown) => void): void {
    const succeeded = this.#http === 200 && this.#grpc === String(GRPC_STATUS.OK);
    if (succeeded && this.#message !== undefined && this.#cause === undefined) resolve(this.#message);
    else reject(new CallFailed(this.#reason(), this.#cause));
  }

  #reason(): string {
    if (this.#grpc !== undefined && this.#grpc !== "0")
      return `gRPC status ${this.#grpc} ${this.#detail}`.trim();
    if (this.#http !== undefined && this.#http !== 200)
      return `it answers gRPC with HTTP status ${this.#http}`;
    return this.#cause instanceof Error ? this.#cause.message : "the connection was closed";
  }
}
