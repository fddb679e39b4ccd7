// The client of Nacos' gRPC API: one connection, which is kept and made again, with the login's token in each request.

import { isNativeError } from "node:util/types";
import { reasonOf } from "../core/failure-text.ts";
import type { Log } from "../observability/log.ts";
import { ConnectionAttempts } from "./connection-attempts.ts";
import { RegistryUnavailable } from "./errors.ts";
import { GRPC_PORT_OFFSET } from "./grpc/methods.ts";
import { acceptedFields, type Fields, isDenied } from "./grpc-response.ts";
import type { GrpcMessage, GrpcSession } from "./grpc-session.ts";
import { tlsFailure } from "./tls-failure.ts";
import type { NacosTransport } from "./transport.ts";

export interface GrpcClientOptions {
  /** Names the server, and logs in to it: that is done over HTTP, as Nacos has it. */
  readonly transport: Pick<
    NacosTransport,
    "accessToken" | "address" | "answerWithinMs" | "ca" | "forgetToken" | "server"
  >;
  readonly namespace: string;
  /** What the connection is for, as operators see it. */
  readonly module: "naming" | "config";
  readonly log: Log;
  readonly random?: () => number;
}

/** Milliseconds of silence after which the server has to show that it is there, and knows the connection. */
const CHECK_AFTER_MS = 3_000;

/**
 * Connects at the first use, and again with a growing pause, until `close`. While there is no connection, requests fail at once,
 * unless the first attempt to make one is under way. A connection whose server does not answer in time is kept, since with it the
 * server would lose what was registered, while another one is tried beside it: whichever answers first is used.
 */
export class GrpcClient {
  readonly #options: GrpcClientOptions;
  readonly #attempts: ConnectionAttempts;
  readonly #receivers = new Map<string, (fields: Fields) => void>();
  readonly #onReady: (() => Promise<void>)[] = [];
  #session: GrpcSession | undefined;
  /** Counts connections. */
  #generation = 0;
  /** True while the session's server does not answer in time. */
  #silent = false;
  #checks: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: GrpcClientOptions) {
    this.#options = options;
    this.#attempts = new ConnectionAttempts({
      connect: () => this.#establish(),
      onOutage: (cause) => this.#logOutage(cause),
      onRecovery: () => options.log.info({ server: this.server }, "the registry answers again"),
      random: options.random ?? Math.random,
    });
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
    return this.#attempts.succeeded;
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
    if (!this.#isReady()) await this.#attempts.once().catch((cause: unknown) => this.#fail(cause));
  }

  /**
   * Sends a request; resolves with the fields of a successful response, and of one with an error code that is in `expected`.
   * @throws {RegistryUnavailable} no answer, or an error of the server.
   * @throws {RegistryRefused} the server refused the request.
   */
  async request(type: string, fields: object, expected: readonly number[] = []): Promise<Fields> {
    const { response, token } = await this.#send(type, fields);
    const again = isDenied(response) && this.#options.transport.forgetToken(token);
    const accepted = again ? (await this.#send(type, fields)).response : response;
    return acceptedFields(accepted, this.server, expected);
  }

  /** Ends the connection; the server forgets what was registered by it. */
  close(): void {
    this.#closed = true;
    this.#attempts.close();
    clearInterval(this.#checks);
    this.#session?.close();
    this.#session = undefined;
  }

  /** The response, and the token with which the request was sent. */
  async #send(type: string, fields: object): Promise<{ response: GrpcMessage; token: string | undefined }> {
    const { transport } = this.#options;
    const session = await this.#ready();
    try {
      const token = await transport.accessToken();
      const headers = new Map(token === undefined ? [] : [["accessToken", token]]);
      return { response: await session.request(type, fields, headers), token };
    } catch (cause) {
      if (cause instanceof RegistryUnavailable) throw cause;
      if (isTimeout(cause)) this.#doubt(session);
      return this.#fail(cause);
    }
  }

  #isReady(): boolean {
    return this.#session?.isOpen === true && !this.#silent;
  }

  async #ready(): Promise<GrpcSession> {
    if (this.#closed) throw this.#unavailable("closed");
    this.#attempts.repeat();
    if (!this.#isReady()) {
      const { succeeded, lastFailure } = this.#attempts;
      if (!succeeded)
        throw this.#unavailable(`${silenceOf(lastFailure)} (retried after a back-off)`, lastFailure);
      await this.#attempts.now().catch((cause: unknown) => this.#fail(cause));
    }
    if (this.#session === undefined) throw this.#unavailable("the connection was closed");
    return this.#session;
  }

  /** Opens a session and uses it; or the present one, if its server answers again before that. */
  async #establish(): Promise<void> {
    const opening = this.#open();
    const old = this.#silent ? this.#session : undefined;
    const first = await (old === undefined ? opening : Promise.any([answering(old), opening]));
    // The other one may come later, and is not needed.
    if (first === old) void opening.then((other) => other.close()).catch(() => {});
    this.#use(first);
  }

  async #open(): Promise<GrpcSession> {
    const { GrpcSession } = await import("./grpc-session.ts");
    const { transport, namespace, module } = this.#options;
    const { address, ca, answerWithinMs } = transport;
    return GrpcSession.open({
      address,
      ca,
      answerWithinMs,
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
    const old = this.#session;
    if (session !== old) this.#generation += 1;
    this.#session = session;
    this.#silent = false;
    this.#checks ??= setInterval(() => void this.#check(), CHECK_AFTER_MS).unref();
    void Promise.allSettled(this.#onReady.map((work) => work())).then(() => {
      if (old !== session) old?.close();
    });
  }

  #logOutage(cause: unknown): void {
    const { log, transport } = this.#options;
    const where = { server: this.server, grpc_port: transport.address.port + GRPC_PORT_OFFSET };
    log.warn({ ...where, reason: silenceOf(cause) }, "the registry does not answer by gRPC");
  }

  /** The server did not answer in time: it hangs, or the connection is dead without either end knowing. */
  #doubt(session: GrpcSession): void {
    if (session !== this.#session || this.#silent) return;
    this.#silent = true;
    this.#attempts.failed(new Error("no answer in time"));
  }

  #lost(session: GrpcSession, cause: unknown): void {
    if (session !== this.#session) return;
    this.#session = undefined;
    this.#silent = false;
    if (this.#closed) return;
    this.#options.log.debug({ err: cause }, "the gRPC connection to the registry has ended");
    if (this.#attempts.succeeded) this.#attempts.soon();
  }

  /** Another connection takes the place of this one, which stays in use until then. */
  #leave(session: GrpcSession): void {
    if (session === this.#session) this.#attempts.soon();
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

  /** @throws {RegistryUnavailable} */
  #fail(cause: unknown): never {
    throw this.#unavailable(silenceOf(cause), cause);
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

const isTimeout = (cause: unknown): boolean =>
  isNativeError(cause) && "code" in cause && cause.code === "grpc_call_timed_out";

function silenceOf(cause: unknown): string {
  const failure = cause instanceof AggregateError ? cause.errors.at(-1) : cause;
  return (isNativeError(failure) ? tlsFailure(failure) : undefined) ?? reasonOf(failure);
}
