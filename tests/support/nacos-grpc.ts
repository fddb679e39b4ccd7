// A small client of Nacos' gRPC API, which can also send what no real client would.

import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { FrameReader, frame } from "../../lib/nacos/grpc/frames.ts";
import { BI_STREAM_PATH, REQUEST_PATH } from "../../lib/nacos/grpc/methods.ts";
import { decodePayload, encodePayload, payload } from "../../lib/nacos/grpc/payload.ts";

type Json = Readonly<Record<string, unknown>>;

export interface GrpcMessage {
  readonly type: string;
  readonly clientIp: string;
  readonly body: Json;
}

/** How a call ended. `grpc` is undefined when the server sent no trailers, `http` when it sent no head. */
export interface GrpcOutcome {
  readonly http: number | undefined;
  readonly grpc: number | undefined;
  readonly messages: readonly GrpcMessage[];
}

/** Its own address, which a client of Nacos sends with everything. */
const CLIENT_IP = "127.0.0.1";
const MAX_BYTES = 64 * 1024 * 1024;

export class NacosGrpc {
  readonly session: ClientHttp2Session;
  /** Everything the server has sent on the registered stream. */
  readonly pushed: GrpcMessage[] = [];
  /** Sent with every request. */
  headers: ReadonlyMap<string, string> = new Map();
  /** Whether pushes are acknowledged. */
  acknowledges = true;
  #stream: ClientHttp2Stream | undefined;

  /** Connects to a gRPC port of this machine. */
  constructor(port: number, host = "127.0.0.1") {
    this.session = connect(`http://${host}:${port}`);
    this.session.on("error", () => {});
  }

  get isOpen(): boolean {
    return !this.session.closed && !this.session.destroyed;
  }

  /** Registers the connection. @returns the server's answer to the setup, which it sends to clients that say what they can do. */
  async setUp(setup: Json = {}): Promise<GrpcMessage> {
    const stream = this.stream(BI_STREAM_PATH);
    this.#stream = stream;
    const first = Promise.withResolvers<GrpcMessage>();
    stream.once("close", () => first.reject(new Error("The stream was closed.")));
    onMessages(stream, (message) => {
      this.pushed.push(message);
      first.resolve(message);
      const { requestId } = message.body;
      if (this.acknowledges && typeof requestId === "string") this.acknowledge(message.type, requestId);
    });
    const standard = {
      clientVersion: "Nacos-Java-Client:v3.1.0",
      tenant: "",
      labels: { module: "naming", source: "sdk", AppName: "tests" },
      abilityTable: {},
    };
    this.send("ConnectionSetupRequest", { ...standard, ...setup });
    return first.promise;
  }

  /** Sends a message on the registered stream. */
  send(type: string, body: Json): void {
    this.#stream?.write(framedJson(type, JSON.stringify(body), this.headers));
  }

  acknowledge(type: string, requestId: string): void {
    const response = { resultCode: 200, errorCode: 0, requestId, success: true };
    this.send(type.replace("Request", "Response"), response);
  }

  /** Sends a request. @throws {Error} when the call ended without a response. */
  async request(type: string, body: Json | string): Promise<GrpcMessage> {
    const json = typeof body === "string" ? body : JSON.stringify(body);
    const { messages, ...how } = await this.raw(framedJson(type, json, this.headers));
    const [response] = messages;
    if (response === undefined) throw new Error(`${type} was not answered: ${JSON.stringify(how)}`);
    return response;
  }

  /** Calls a method with any bytes. */
  raw(bytes: Buffer, path = REQUEST_PATH, head: Record<string, string> = {}): Promise<GrpcOutcome> {
    return new Promise((resolve) => {
      const stream = this.stream(path, head);
      const messages: GrpcMessage[] = [];
      let http: number | undefined;
      let grpc: number | undefined;
      const statusIn = (headers: Readonly<Record<string, unknown>>) => {
        if (headers["grpc-status"] !== undefined) grpc = Number(headers["grpc-status"]);
      };
      onMessages(stream, (message) => messages.push(message));
      stream.on("response", (headers) => {
        http = Number(headers[":status"]);
        statusIn(headers);
      });
      stream.on("trailers", statusIn);
      stream.once("close", () => resolve({ http, grpc, messages }));
      stream.end(bytes);
    });
  }

  /** Opens a stream for bytes of one's own. */
  stream(path: string, head: Record<string, string> = {}): ClientHttp2Stream {
    const standard = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
    const stream = this.session.request({ ...standard, ...head });
    stream.on("error", () => {});
    return stream;
  }

  /** Ends the connection as a killed client's is ended. */
  kill(): void {
    this.session.destroy();
  }
}

const framedJson = (type: string, json: string, headers: ReadonlyMap<string, string> = new Map()): Buffer =>
  frame(encodePayload(payload(type, json, { headers, clientIp: CLIENT_IP })));

function onMessages(stream: ClientHttp2Stream, take: (message: GrpcMessage) => void): void {
  const reader = new FrameReader(MAX_BYTES);
  stream.on("data", (chunk: Buffer) => {
    for (const bytes of reader.read(chunk)) {
      const { type, clientIp, body } = decodePayload(bytes);
      take({ type, clientIp, body: JSON.parse(body.toString()) });
    }
  });
}
