// One connection to Nacos' gRPC port, from its setup to its end. Loaded with Node's HTTP/2 by the first connection: 4 MB.

import type { ClientHttp2Stream } from "node:http2";
import { authority } from "../core/host.ts";
import { parseJsonObject } from "../core/tried.ts";
import type { NacosAddress } from "./address.ts";
import { ERROR } from "./grpc/error-codes.ts";
import { frame } from "./grpc/frames.ts";
import { BI_STREAM_PATH, GRPC_PORT_OFFSET, REQUEST_PATH } from "./grpc/methods.ts";
import { decodePayload, encodePayload, payload } from "./grpc/payload.ts";
import { MalformedMessage } from "./grpc/protobuf.ts";
import { CallFailed, CallTimedOut, call, type GrpcTarget, onMessages, openStream } from "./grpc-call.ts";

/** A response, or a request of the server. */
export interface GrpcMessage {
  /** `InstanceResponse`. */
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface GrpcSessionOptions {
  /** The registry's own address: gRPC's port is 1,000 above. */
  readonly address: NacosAddress;
  /** CA certificates in PEM for a server that is reached over TLS; by default those that Node trusts. */
  readonly ca?: string | undefined;
  /** Milliseconds within which the server answers. */
  readonly answerWithinMs: number;
  readonly namespace: string;
  /** What the connection is for, as operators see it. */
  readonly module: "naming" | "config";
  /** Takes a request of the server. What it returns true for is acknowledged. */
  readonly onRequest: (request: GrpcMessage) => boolean;
  /** The server asks to connect again; until it ends this session, that can be used. */
  readonly onLeave: (session: GrpcSession) => void;
  /** Called once when the session is over, for whatever reason. */
  readonly onClosed: (session: GrpcSession, cause: unknown) => void;
}

/** Milliseconds between two checks whether a server that does not acknowledge the setup has processed it. */
const SETUP_LOOK_MS = 50;
const MAX_PORT = 65_535;
const CLIENT_VERSION = "Nacos-Node-Client:v3.1.0";
const NO_HEADERS: ReadonlyMap<string, string> = new Map();

export class GrpcSession {
  readonly #options: GrpcSessionOptions;
  readonly #target: GrpcTarget;
  readonly #acknowledged = Promise.withResolvers<void>();
  #stream: ClientHttp2Stream | undefined;
  #heardAt = performance.now();
  #waiting = 0;
  #over: { readonly cause: unknown } | undefined;

  private constructor(options: GrpcSessionOptions) {
    this.#options = options;
    this.#target = connectTo(options);
    const { http2 } = this.#target;
    // A connection that only waits for changes must not keep the process alive.
    http2.unref();
    http2.on("error", (cause) => this.#end(cause));
    http2.once("goaway", () => options.onLeave(this));
    http2.once("close", () => this.#end(new CallFailed("the connection was closed")));
    this.#acknowledged.promise.catch(() => {});
  }

  /**
   * Connects, and registers the connection at the server.
   * @throws {Error} when that is not possible within a few seconds; then nothing is left open.
   */
  static async open(options: GrpcSessionOptions): Promise<GrpcSession> {
    const session = new GrpcSession(options);
    try {
      await session.#keepingAlive(() => session.#setUp());
      return session;
    } catch (failure) {
      const { cause } = session.#over ?? { cause: failure };
      session.close();
      throw cause;
    }
  }

  /** When the last message arrived, in milliseconds of the monotonic clock. */
  get heardAt(): number {
    return this.#heardAt;
  }

  get isOpen(): boolean {
    return this.#over === undefined;
  }

  /**
   * Sends a request; resolves with the response, which may say that the request is refused.
   * @param headers of Nacos, such as the login's token.
   * @throws {CallTimedOut} {@link CallFailed}
   */
  async request(type: string, fields: object, headers = NO_HEADERS): Promise<GrpcMessage> {
    const response = await this.#keepingAlive(() => this.#call(type, fields, headers));
    if (response.fields["errorCode"] === ERROR.NOT_REGISTERED)
      this.#end(new CallFailed("the server has given up the connection"));
    return response;
  }

  /** Resolves when the server answers and still knows the connection. @throws like {@link request} */
  async check(): Promise<void> {
    const { fields } = await this.request("HealthCheckRequest", {});
    if (fields["success"] !== true) throw new CallFailed(`it is not healthy: ${fields["message"]}`);
  }

  /** Ends the connection; the server forgets what was registered by it. */
  close(): void {
    this.#end(new CallFailed("closed"));
  }

  async #setUp(): Promise<void> {
    const { fields } = await this.#call("ServerCheckRequest", {});
    if (fields["success"] !== true) throw new CallFailed(`it is not ready: ${fields["message"]}`);
    this.#openStream();
    if (fields["supportAbilityNegotiation"] === true)
      await within(this.#options.answerWithinMs, this.#acknowledged.promise);
    else await this.#registered();
  }

  #openStream(): void {
    const stream = openStream(this.#target, BI_STREAM_PATH);
    this.#stream = stream;
    stream.on("error", (cause) => this.#end(cause));
    // The server may end its side alone.
    for (const event of ["end", "close"])
      stream.once(event, () => this.#end(new CallFailed("the server has ended the connection's stream")));
    onMessages(stream, {
      onMessage: (message) => this.#take(messageIn(message)),
      onDamage: (cause) => this.#end(cause),
    });
    this.#send("ConnectionSetupRequest", {
      clientVersion: CLIENT_VERSION,
      tenant: this.#options.namespace,
      labels: { source: "sdk", module: this.#options.module },
      abilityTable: {},
    });
  }

  /** Servers before 2.5 do not acknowledge the setup: a check of health fails until they have processed it. */
  async #registered(): Promise<void> {
    const end = performance.now() + this.#options.answerWithinMs;
    while (this.isOpen && performance.now() < end) {
      const { fields } = await this.#call("HealthCheckRequest", {});
      if (fields["success"] === true) return;
      await new Promise((resolve) => setTimeout(resolve, SETUP_LOOK_MS));
    }
    throw new CallTimedOut();
  }

  async #call(type: string, fields: object, headers = NO_HEADERS): Promise<GrpcMessage> {
    if (this.#over !== undefined) throw this.#over.cause;
    const message = await call(
      this.#target,
      REQUEST_PATH,
      this.#framed(type, fields, headers),
      this.#options.answerWithinMs,
    ).catch((failure: unknown) => {
      throw this.#over?.cause ?? failure;
    });
    const response = messageIn(message);
    this.#heardAt = performance.now();
    return response;
  }

  async #keepingAlive<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    if (this.isOpen) this.#target.http2.ref();
    try {
      return await work();
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0 && this.isOpen) this.#target.http2.unref();
    }
  }

  #take(request: GrpcMessage): void {
    this.#heardAt = performance.now();
    const { type, fields } = request;
    const { requestId } = fields;
    if (type === "SetupAckRequest") this.#acknowledged.resolve();
    else if (this.#isDone(request) && typeof requestId === "string") {
      const acknowledgement = { resultCode: 200, errorCode: 0, requestId, success: true };
      this.#send(type.replace(/Request$/, "Response"), acknowledgement);
    }
  }

  #isDone(request: GrpcMessage): boolean {
    if (request.type === "ClientDetectionRequest") return true;
    if (request.type !== "ConnectResetRequest") return this.#options.onRequest(request);
    // Nacos balances its clients. It may name another server; which one is reached is for the address to say.
    this.#options.onLeave(this);
    return true;
  }

  #send(type: string, fields: object): void {
    this.#stream?.write(this.#framed(type, fields, NO_HEADERS));
  }

  #framed(type: string, fields: object, headers: ReadonlyMap<string, string>): Buffer {
    const clientIp = this.#target.http2.socket?.localAddress ?? "";
    return frame(encodePayload(payload(type, JSON.stringify(fields), { clientIp, headers })));
  }

  #end(cause: unknown): void {
    if (this.#over !== undefined) return;
    this.#over = { cause };
    this.#acknowledged.reject(cause);
    this.#target.http2.destroy();
    this.#options.onClosed(this, cause);
  }
}

function connectTo({ address, ca }: GrpcSessionOptions): GrpcTarget {
  // As in core/node-http.ts: an ES import would read every export.
  const { connect } = process.getBuiltinModule("node:http2");
  const scheme = address.secure ? "https" : "http";
  const port = address.port + GRPC_PORT_OFFSET;
  if (port > MAX_PORT)
    throw new CallFailed(`gRPC would need the port ${port}, and ${MAX_PORT} is the highest`);
  const target = authority(address.host, port);
  // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED=0, set for something else, does not disable the checks.
  const checks = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  const settings = { enablePush: false };
  const http2 = connect(`${scheme}://${target}`, { settings, ...(address.secure && checks) });
  return { http2, authority: target };
}

/** @throws {MalformedMessage} */
function messageIn(bytes: Buffer): GrpcMessage {
  const { type, body } = decodePayload(bytes);
  const fields = parseJsonObject(body.toString("utf8"));
  if (fields === undefined) throw new MalformedMessage(`the body of ${type} is not a JSON object`);
  return { type, fields };
}

/** @throws {CallTimedOut} when `work` is not done within `ms`. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new CallTimedOut()), ms);
  try {
    await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
