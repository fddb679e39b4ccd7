// The client of Nacos' gRPC API: one connection, which is kept and made again, with the login's token in each request.

import { isNativeError } from "node:util/types";
import { reasonOf } from "../core/failure-text.ts";
import { pauseAfter, type Retry } from "../core/retry.ts";
import type { Log } from "../observability/log.ts";
import { RegistryRefused, RegistryUnavailable } from "./errors.ts";
import { ERROR } from "./grpc/error-codes.ts";
import { GRPC_PORT_OFFSET } from "./grpc/methods.ts";
import type { GrpcMessage, GrpcSession } from "./grpc-session.ts";
import { tlsFailure } from "./tls-failure.ts";
import type { NacosTransport } from "./transport.ts";

export interface GrpcClientOptions {
  /** Names the server, and logs in to it: that is done over HTTP, as Nacos has it. */
  readonly transport: Pick<NacosTransport, "address" | "server" | "ca" | "accessToken" | "forgetToken">;
  readonly namespace: string;
  /** What the connection is for, as operators see it. */
  readonly module: "naming" | "config";
  readonly log: Log;
  readonly random?: () => number;
}

export type Fields = GrpcMessage["fields"];

const BACKOFF: Retry = { first: 100, longest: 2_000, jitter: 0.5 };
/** Milliseconds of silence after which the server has to show that it is there, and knows the connection. */
const CHECK_AFTER_MS = 3_000;

/** The status of HTTP that says the same as `NO_HANDLER`. */
const NOT_IMPLEMENTED = 501;

/**
 * Connects at the first use, and again with a growing pause, until `close`. While there is no connection, requests fail at once,
 * unless the first attempt to make one is under way. A connection whose server does not answer in time is kept, since with it the
 * server would lose what was registered, while another one is tried beside it: whichever answers first is used.
 */
export class GrpcClient {
  readonly #options: GrpcClientOptions;
  readonly #random: () => number;
  readonly #receivers = new Map<string, (fields: Fields) => void>();
  readonly #onReady: (() => Promise<void>)[] = [];
  #session: GrpcSession | undefined;
  /** Counts connections. */
  #generation = 0;
  /** True while the session's server does not answer in time. */
  #silent = false;
  #connecting: Promise<void> | undefined;
  #failures = 0;
  #lastFailure = "";
  #retry: NodeJS.Timeout | undefined;
  /** False while nothing but the choice of an API has asked for a connection: then failed attempts are not repeated. */
  #used = false;
  #checks: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: GrpcClientOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /** Calls `receiver` with the fields of each request of this type that the server sends, which is then acknowledged. */
  receive(type: string, receiver: (fields: Fields) => void): void {
    this.#receivers.set(type, receiver);
  }

  /**
   * Calls `work` whenever requests can be sent again: on a new connection, of which the server knows nothing yet, and on the same one
   * after its server did not answer for a while. An old connection that was replaced is ended after that.
   */
  onReady(work: () => Promise<void>): void {
    this.#onReady.push(work);
  }

  /** `host:port` of the registry. */
  get server(): string {
    return this.#options.transport.server;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** False when the server did not answer last time. It is called again in the background. */
  reachable(): boolean {
    return this.#failures === 0;
  }

  /**
   * Resolves with the number of the connection, which is another one for each, as soon as there is one.
   * @throws {RegistryUnavailable} when there is none, at once during the pause between two attempts.
   */
  async connected(): Promise<number> {
    await this.#ready();
    return this.#generation;
  }

  /**
   * Connects, for the choice of an API: it does not wait for the end of a pause before it tries, and when it fails, nothing is tried
   * again until the next call or request: another API is used then.
   */
  async connect(): Promise<void> {
    if (this.#isReady()) return;
    this.#used = false;
    await this.#connect();
  }

  /**
   * Sends a request; resolves with the fields of a successful response, and of one with an error code that is in `expected`.
   * @throws {RegistryUnavailable} no answer, or an error of the server.
   * @throws {RegistryRefused} the server refused the request.
   */
  async request(type: string, fields: object, expected: readonly number[] = []): Promise<Fields> {
    const first = await this.#send(type, fields);
    const denied = [401, 403].includes(codeOf(first));
    // The token may have been revoked, or the server restarted with another signing key.
    const again = denied && this.#options.transport.forgetToken();
    return this.#accepted(again ? await this.#send(type, fields) : first, expected);
  }

  /** Ends the connection; the server forgets what was registered by it. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#checks);
    this.#session?.close();
    this.#session = undefined;
  }

  async #send(type: string, fields: object): Promise<GrpcMessage> {
    const { transport } = this.#options;
    const session = await this.#ready();
    try {
      const token = await transport.accessToken();
      const headers = new Map(token === undefined ? [] : [["accessToken", token]]);
      return await session.request(type, fields, headers);
    } catch (cause) {
      if (cause instanceof RegistryUnavailable) throw cause;
      if (isTimeout(cause)) this.#doubt(session);
      throw this.#unavailable(silenceOf(cause), cause);
    }
  }

  #accepted({ fields, ...response }: GrpcMessage, expected: readonly number[]): Fields {
    const code = codeOf({ fields, ...response });
    if (fields["success"] === true || expected.includes(code)) return fields;
    const detail = `${fields["message"] ?? response.type}`.slice(0, 200);
    if (code === ERROR.NO_HANDLER) throw new RegistryRefused(this.server, NOT_IMPLEMENTED, detail);
    if (code >= 400 && code < 500) throw new RegistryRefused(this.server, code, detail);
    throw this.#unavailable(
      code === ERROR.NOT_REGISTERED ? "it has given up the connection" : `error ${code} ${detail}`,
    );
  }

  #isReady(): boolean {
    return this.#session?.isOpen === true && !this.#silent;
  }

  async #ready(): Promise<GrpcSession> {
    this.#used = true;
    if (!this.#isReady()) {
      if (this.#failures > 0 || this.#closed) {
        this.#retryLater();
        throw this.#unavailable(`${this.#closed ? "closed" : this.#lastFailure} (retried after a back-off)`);
      }
      await this.#connect();
    }
    if (this.#session === undefined) throw this.#unavailable("the connection was closed");
    return this.#session;
  }

  /** Tries to connect; concurrent callers share one attempt. @throws {RegistryUnavailable} */
  #connect(pauseMs = 0): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#connecting ??= this.#attempt(pauseMs).finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #attempt(pauseMs: number): Promise<void> {
    try {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
      if (this.#closed) throw new Error("closed");
      const opening = this.#open();
      const old = this.#silent ? this.#session : undefined;
      const first = await (old === undefined ? opening : Promise.any([answering(old), opening]));
      // The other one may come later, and is not needed.
      if (first === old) void opening.then((other) => other.close()).catch(() => {});
      this.#use(first);
    } catch (cause) {
      this.#failed(cause);
      throw this.#unavailable(this.#lastFailure, cause);
    }
  }

  async #open(): Promise<GrpcSession> {
    const { GrpcSession } = await import("./grpc-session.ts");
    const { transport, namespace, module } = this.#options;
    const { address, ca } = transport;
    return GrpcSession.open({
      address,
      ca,
      namespace,
      module,
      onRequest: (request) => this.#received(request),
      onLeave: (session) => this.#leave(session),
      onClosed: (session, cause) => this.#lost(session, cause),
    });
  }

  #use(session: GrpcSession): void {
    if (this.#closed || !session.isOpen) {
      session.close();
      throw new Error("the connection was closed");
    }
    const { log } = this.#options;
    const old = this.#session;
    if (session !== old) this.#generation += 1;
    this.#session = session;
    this.#silent = false;
    if (this.#failures > 0) log.info({ server: this.server }, "the registry answers again");
    this.#failures = 0;
    this.#checks ??= setInterval(() => void this.#check(), CHECK_AFTER_MS).unref();
    void Promise.allSettled(this.#onReady.map((work) => work())).then(() => {
      if (old !== session) old?.close();
    });
  }

  #failed(cause: unknown): void {
    this.#lastFailure = silenceOf(cause);
    if (this.#closed) return;
    const { log } = this.#options;
    if (this.#failures === 0) {
      const grpcPort = this.#options.transport.address.port + GRPC_PORT_OFFSET;
      log.warn(
        { server: this.server, grpc_port: grpcPort, reason: this.#lastFailure },
        "the registry does not answer by gRPC",
      );
    }
    this.#failures += 1;
    this.#retryLater();
  }

  /** Tries again after a pause, unless that is under way, or nobody uses the connection. */
  #retryLater(): void {
    if (!this.#used || this.#closed || this.#retry !== undefined) return;
    const pause = pauseAfter(this.#failures, BACKOFF, this.#random);
    this.#retry = setTimeout(() => this.#connectLater(), pause).unref();
  }

  #connectLater(pauseMs = 0): void {
    // It has been logged, and is tried again.
    this.#connect(pauseMs).catch(() => {});
  }

  /** The server did not answer in time: it hangs, or the connection is dead without either end knowing. */
  #doubt(session: GrpcSession): void {
    if (session !== this.#session || this.#silent) return;
    this.#silent = true;
    this.#failed(new Error("no answer in time"));
  }

  #lost(session: GrpcSession, cause: unknown): void {
    if (session !== this.#session) return;
    this.#session = undefined;
    this.#silent = false;
    if (this.#closed) return;
    this.#options.log.debug({ err: cause }, "the gRPC connection to the registry has ended");
    // A restarted server has all its clients at once.
    if (this.#failures === 0) this.#connectLater(this.#random() * BACKOFF.first);
  }

  /** Another connection takes the place of this one, which stays in use until then. */
  #leave(session: GrpcSession): void {
    if (session === this.#session) this.#connectLater(this.#random() * BACKOFF.first);
  }

  async #check(): Promise<void> {
    const session = this.#session;
    if (session === undefined || this.#silent) return;
    if (performance.now() - session.heardAt < CHECK_AFTER_MS / 2) return;
    try {
      await session.check();
    } catch (cause) {
      if (isTimeout(cause)) this.#doubt(session);
      else session.close();
    }
  }

  #received({ type, fields }: GrpcMessage): boolean {
    const receiver = this.#receivers.get(type);
    receiver?.(fields);
    return receiver !== undefined;
  }

  #unavailable(reason: string, cause?: unknown): RegistryUnavailable {
    return new RegistryUnavailable(this.server, reason, cause);
  }
}

/** Resolves with `session` when its server answers. */
async function answering(session: GrpcSession): Promise<GrpcSession> {
  await session.check();
  return session;
}

const codeOf = ({ fields }: GrpcMessage): number => Number(fields["errorCode"]);

const isTimeout = (cause: unknown): boolean =>
  isNativeError(cause) && "code" in cause && cause.code === "grpc_call_timed_out";

function silenceOf(cause: unknown): string {
  const failure = cause instanceof AggregateError ? cause.errors.at(-1) : cause;
  return (isNativeError(failure) ? tlsFailure(failure) : undefined) ?? reasonOf(failure);
}
