// One gRPC call on its HTTP/2 stream: the messages that arrive, those that are sent, and the status it ends with.
// Source: gRPC over HTTP/2.

import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { FrameReader } from "../../../lib/nacos/grpc/frames.ts";
import { MalformedMessage } from "../../../lib/nacos/grpc/protobuf.ts";
import { GRPC_STATUS, GrpcError, type GrpcStatus } from "../../../lib/nacos/grpc/status.ts";
import type { Log } from "../../../lib/observability/log.ts";
import { MAX_MESSAGE_BYTES, type Traffic } from "./traffic.ts";

const HEAD = { ":status": 200, "content-type": "application/grpc" } as const;

/** Seconds until a call must have ended: a request is sent whole, and answered, within milliseconds. */
const MAX_TICKS = 30;
/** Seconds after that in which the client may take the end. */
const ENDING_TICKS = 5;

/** Whether the request is a gRPC call. Others are refused by a status of HTTP, as gRPC requires. */
export const isCall = (headers: IncomingHttpHeaders): boolean =>
  headers[":method"] === "POST" && /^application\/grpc(\+proto|;|$)/.test(headers["content-type"] ?? "");

export interface CallListener {
  /** Whether it keeps messages until the call is over. Then they count as waiting so long. */
  readonly keepsMessages: boolean;
  /** A message has arrived. What it throws ends the call. */
  readonly onMessage: (message: Buffer) => void;
  /** The client sends nothing more. */
  readonly onEnd: () => void;
}

interface Ending {
  readonly status: GrpcStatus;
  readonly message: string;
}

export class Call {
  readonly #stream: ServerHttp2Stream;
  readonly #traffic: Traffic;
  readonly #log: Log;
  #trailers: Ending = { status: GRPC_STATUS.OK, message: "" };
  #waiting = 0;
  #ticks = 0;
  #lasts = false;

  /** @param traffic of the connection, which bounds what waits in it. */
  constructor(stream: ServerHttp2Stream, traffic: Traffic, log: Log) {
    this.#stream = stream;
    this.#traffic = traffic;
    this.#log = log;
    // The client cancelled, or the connection ended. An error without a listener would end this process.
    stream.on("error", () => {});
    stream.on("wantTrailers", () => {
      stream.sendTrailers(trailersOf(this.#trailers));
      // Otherwise a client that continues to send would keep the stream.
      if (!stream.readableEnded) setImmediate(() => stream.close());
    });
    // The client has gone, and will not read what still waits to be written: without this, "close" would wait for it for ever.
    stream.once("aborted", () => stream.destroy());
    stream.once("close", () => this.#waits(0));
  }

  /** Starts to read. */
  read({ keepsMessages, onMessage, onEnd }: CallListener): void {
    const reader = new FrameReader(MAX_MESSAGE_BYTES);
    let kept = 0;
    const guarded = (work: () => void): void => {
      try {
        if (!this.#ended) work();
      } catch (error) {
        this.fail(error);
      }
    };
    this.#stream.on("data", (chunk: Buffer) =>
      guarded(() => {
        const messages = reader.read(chunk);
        if (keepsMessages) for (const { length } of messages) kept += length;
        this.#waits(reader.buffered + kept);
        for (const message of messages) onMessage(message);
      }),
    );
    this.#stream.on("end", () =>
      guarded(() => {
        if (reader.buffered > 0) throw new GrpcError(GRPC_STATUS.INTERNAL, "The last message is incomplete.");
        onEnd();
      }),
    );
  }

  /** From now on the call may last as long as its connection. */
  lasts(): void {
    this.#lasts = true;
  }

  /** Call it once a second: ends the call when it takes too long, and cuts it off when the client does not take that. */
  tick(): void {
    this.#ticks += 1;
    if (this.#lasts || this.#ticks < MAX_TICKS) return;
    this.fail(new GrpcError(GRPC_STATUS.DEADLINE_EXCEEDED, "The call takes too long."));
    if (this.#ticks >= MAX_TICKS + ENDING_TICKS) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  /** Sends a framed message. */
  send(framed: Buffer): void {
    if (this.#ended) return;
    this.#begin();
    this.#traffic.sends(framed.length);
    this.#stream.write(framed, () => this.#traffic.sent(framed.length));
  }

  /** Ends the call successfully. */
  end(): void {
    if (this.#ended) return;
    this.#begin();
    this.#stream.end();
  }

  /** Ends the call with the error's status; the client is not listened to any more. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#trailers = this.#statusOf(error);
    this.end();
    this.#stream.resume();
    this.#waits(0);
  }

  #statusOf(error: unknown): Ending {
    if (error instanceof GrpcError) return { status: error.status, message: error.message };
    if (error instanceof MalformedMessage) return { status: GRPC_STATUS.INTERNAL, message: error.message };
    this.#log.error({ err: error }, "registry call by gRPC failed");
    return { status: GRPC_STATUS.INTERNAL, message: "The registry failed to answer." };
  }

  get #ended(): boolean {
    return this.#stream.destroyed || this.#stream.writableEnded;
  }

  #begin(): void {
    if (!this.#stream.headersSent) this.#stream.respond(HEAD, { waitForTrailers: true });
  }

  #waits(bytes: number): void {
    const more = bytes - this.#waiting;
    this.#waiting = bytes;
    this.#traffic.waits(more);
  }
}

/** The message is percent-encoded. */
const trailersOf = ({ status, message }: Ending) => ({
  "grpc-status": String(status),
  ...(message !== "" && { "grpc-message": encodeURIComponent(message).replaceAll("%20", " ") }),
});
