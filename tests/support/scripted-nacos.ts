// A Nacos server's gRPC port that answers as a test says, and can do what no real server would.

import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { FrameReader, frame } from "../../lib/nacos/grpc/frames.ts";
import { BI_STREAM_PATH, GRPC_PORT_OFFSET } from "../../lib/nacos/grpc/methods.ts";
import { decodePayload, encodePayload, payload } from "../../lib/nacos/grpc/payload.ts";
import { freePortGroup } from "./free-ports.ts";

type Json = Readonly<Record<string, unknown>>;

export interface ScriptedRequest {
  readonly type: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly fields: Json;
}

export interface Answer {
  readonly type: string;
  readonly fields: Json;
}

/** What it answers to a request; undefined: nothing, ever; bytes are sent as they are. */
export type Script = (request: ScriptedRequest) => Answer | Buffer | undefined;

const MAX_BYTES = 1024 * 1024;
const SUCCESS = { resultCode: 200, errorCode: 0, success: true };

/** A successful response to `type`. */
export const succeeded = (type: string, fields: Json = {}): Answer => ({
  type: type.replace(/Request$/, "Response"),
  fields: { ...SUCCESS, ...fields },
});

/** Answers every request with success. */
export const willing: Script = ({ type }) => succeeded(type, { supportAbilityNegotiation: true });

export class ScriptedNacos {
  /** Of the registry; gRPC's is 1,000 above. */
  readonly port: number;
  /** Every request, and every message on a connection's stream, in order. */
  readonly received: ScriptedRequest[] = [];
  script: Script = willing;
  /** Whether it acknowledges the setup of a connection, as servers from 2.5 on do. */
  acknowledges = true;
  /** Connections so far. */
  connections = 0;
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #streams = new Set<ServerHttp2Stream>();

  private constructor(port: number) {
    this.port = port;
    this.#server = createServer();
    this.#server.on("session", (session) => {
      this.connections += 1;
      this.#sessions.add(session);
      session.on("error", () => {});
      session.once("close", () => this.#sessions.delete(session));
    });
    this.#server.on("stream", (stream, headers) => this.#take(stream, headers[":path"] === BI_STREAM_PATH));
  }

  static async start(): Promise<ScriptedNacos> {
    const server = new ScriptedNacos(await freePortGroup([0, GRPC_PORT_OFFSET]));
    await server.listen();
    return server;
  }

  /** `host:port`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sessions.size;
  }

  /** The types of what it received, without checks. */
  get types(): string[] {
    return this.received.map(({ type }) => type).filter((type) => !/Check|Setup/.test(type));
  }

  /** Sends a request of the server on every connection's stream. */
  push(type: string, fields: Json): void {
    this.pushBytes(framed({ type, fields }));
  }

  /** Sends any bytes in the place of a message. */
  pushBytes(bytes: Buffer): void {
    for (const stream of this.#streams) stream.write(bytes);
  }

  /** Ends every connection's stream, but not the connections. */
  endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }

  /** Says on every connection that it will end. */
  goAway(): void {
    for (const session of this.#sessions) session.goaway();
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) =>
      this.#server.listen(this.port + GRPC_PORT_OFFSET, "127.0.0.1", resolve),
    );
  }

  /** Ends all connections, and accepts none. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.destroy();
    await closed;
  }

  #take(stream: ServerHttp2Stream, isConnection: boolean): void {
    const reader = new FrameReader(MAX_BYTES);
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    if (isConnection) {
      this.#streams.add(stream);
      stream.once("close", () => this.#streams.delete(stream));
    }
    stream.on("data", (chunk: Buffer) => {
      for (const message of reader.read(chunk)) {
        const { type, headers, body } = decodePayload(message);
        const request: ScriptedRequest = { type, headers, fields: JSON.parse(body.toString()) };
        this.received.push(request);
        if (isConnection) this.#acknowledge(stream, type);
        else this.#answer(stream, request);
      }
    });
  }

  #acknowledge(stream: ServerHttp2Stream, type: string): void {
    if (type === "ConnectionSetupRequest" && this.acknowledges)
      stream.write(framed({ type: "SetupAckRequest", fields: { abilityTable: {} } }));
  }

  #answer(stream: ServerHttp2Stream, request: ScriptedRequest): void {
    const answer = this.script(request);
    if (answer === undefined) return;
    stream.end(Buffer.isBuffer(answer) ? answer : framed(answer));
  }
}

const framed = ({ type, fields }: Answer): Buffer =>
  frame(encodePayload(payload(type, JSON.stringify(fields))));
