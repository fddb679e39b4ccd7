// The transport for all requests to Nacos: TLS, keep-alive, time-outs, the login token, and back-off from a dead server.

import { isNativeError } from "node:util/types";
import { reasonOf } from "../core/failure-text.ts";
import { KeptHttp, type PlainReply } from "../core/kept-http.ts";
import { pauseAfter, type Retry } from "../core/retry.ts";
import type { Log } from "../observability/log.ts";
import { type NacosAddress, nacosAddress } from "./address.ts";
import { RegistryRefused, RegistryUnavailable } from "./errors.ts";
import { NacosLogin } from "./login.ts";
import type { NacosHttpClient, NacosHttpOptions } from "./package.ts";
import { tlsFailure } from "./tls-failure.ts";

export interface NacosTransportOptions {
  /** `host:port`, or `https://host:port`, which is reached over TLS only. See {@link nacosAddress}. */
  readonly server: string;
  /** CA certificates in PEM for the server's TLS; by default those that Node trusts. */
  readonly ca?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly log: Log;
  /** Milliseconds after which a server that accepts a request but does not answer counts as dead; 2,000 when left out. */
  readonly answerWithinMs?: number | undefined;
  /** Monotonic milliseconds, because the time of day can be set back while the process runs. */
  readonly clock?: () => number;
  readonly random?: () => number;
}

export interface CallOptions {
  /** The body, sent as a form; the parameters go into the query. */
  readonly form?: Params | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Time limit of the whole exchange in milliseconds; `answerWithinMs` when left out. For a long poll: longer than the server may hold it. */
  readonly timeoutMs?: number | undefined;
}

type Params = Readonly<Record<string, unknown>>;
type Reply = Pick<PlainReply, "status" | "data">;

const ANSWER_WITHIN_MS = 2_000;
const CONNECTIONS = 8;
const BACKOFF: Retry = { first: 100, longest: 2_000, jitter: 0.5 };
/** Milliseconds without an exchange after which `reachable` checks the server again; longer than a watch at rest waits between two polls. */
const STALE_MS = 6_000;

/**
 * Replaces the HTTP client of the `nacos` package, which opens a new connection per request, has no back-off, and puts the
 * password into every URL. While the server is dead, calls fail at once, except one at a time that checks whether it
 * answers again. Redirects are not followed, so a request for a TLS server is never sent without TLS.
 */
export class NacosTransport implements NacosHttpClient {
  /** CA certificates in PEM for the server's TLS; by default those that Node trusts. */
  readonly ca: string | undefined;
  readonly answerWithinMs: number;
  readonly #address: NacosAddress;
  /** Undefined without an account. */
  readonly #login: NacosLogin | undefined;
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #random: () => number;
  readonly #http: KeptHttp;
  #closed = false;
  #failures = 0;
  #generation = 1;
  #retryAt = 0;
  #exchanging = false;
  #lastExchange = Number.NEGATIVE_INFINITY;
  #lastFailure = "";
  #lastError: unknown;

  constructor(options: NacosTransportOptions) {
    this.#address = nacosAddress(options.server);
    this.ca = options.ca;
    this.#http = new KeptHttp({ connections: CONNECTIONS, repeatable: true, ca: options.ca });
    this.#log = options.log;
    this.answerWithinMs = options.answerWithinMs ?? ANSWER_WITHIN_MS;
    this.#clock = options.clock ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    const { username, password = "" } = options;
    if (username !== undefined)
      this.#login = new NacosLogin({
        send: (path) => this.#send("POST", path, { form: { username, password } }),
        clock: this.#clock,
      });
  }

  /** `host:port`, or `https://host:port` for TLS. */
  get server(): string {
    return this.#address.text;
  }

  /** `host:port` alone. */
  get authority(): string {
    return this.#address.authority;
  }

  /** The server's address. */
  get address(): NacosAddress {
    return this.#address;
  }

  /** Whether every request uses TLS. */
  get secure(): boolean {
    return this.#address.secure;
  }

  /** The interface that the package calls. @throws {RegistryUnavailable} {@link RegistryRefused} */
  request(url: string, { method, data }: NacosHttpOptions): Promise<Reply> {
    return this.call(method, new URL(url).pathname, data);
  }

  /**
   * Sends `params` as the query of `path` (with the `/nacos` prefix); resolves with a reply below 300.
   * @throws {RegistryUnavailable} no answer, or a 5xx; at once during back-off.
   * @throws {RegistryRefused} a 4xx, or a redirect.
   */
  async call(method: string, path: string, params: Params, options: CallOptions = {}): Promise<Reply> {
    try {
      return await this.#call({ method, path, params, options });
    } catch (cause) {
      this.#lastError = cause;
      throw cause;
    }
  }

  /** The original error of the last failed request: the package replaces each error by its own, which names no cause. */
  explain(cause: unknown): unknown {
    return this.#lastError ?? cause;
  }

  /** Counts outages: increased when the server answers again, since it may have been replaced meanwhile. */
  get generation(): number {
    return this.#generation;
  }

  /** See `Registry.reachable`. */
  reachable(): boolean {
    if (this.#clock() - this.#lastExchange > STALE_MS) {
      this.#exchange(ALIVE).catch(() => {});
    }
    return this.#failures === 0;
  }

  /** The login's token; undefined without an account. @throws like {@link NacosLogin.token} */
  async accessToken(): Promise<string | undefined> {
    return this.#login?.token();
  }

  /** See {@link NacosLogin.forget}. */
  forgetToken(refused: string | undefined): boolean {
    return this.#login?.forget(refused) ?? false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#http.close();
  }

  async #call(call: Call): Promise<Reply> {
    // Only one request at a time checks a dead server. A long poll must not be it: the others would wait for its reply.
    const long = (call.options.timeoutMs ?? 0) > this.answerWithinMs;
    if (long && this.#failures > 0) await this.#exchange(ALIVE);
    const { reply, token } = await this.#exchange(call);
    const refused = reply.status === 401 || reply.status === 403;
    const again = refused && this.forgetToken(token);
    return this.#accepted(again ? (await this.#exchange(call)).reply : reply);
  }

  // Requests that were in flight at the same time fail together: they count as one failure. Those that `close` ends say
  // nothing about the server.
  #backOff(): void {
    if (this.#failures === 0 && !this.#closed) {
      this.#log.warn({ server: this.server, reason: this.#lastFailure }, "the registry does not answer");
    }
    this.#failures += 1;
    this.#retryAt = this.#clock() + pauseAfter(this.#failures, BACKOFF, this.#random);
  }

  #answersAgain(): void {
    this.#log.info({ server: this.server }, "the registry answers again");
    this.#failures = 0;
    this.#generation += 1;
  }

  #accepted(reply: Reply): Reply {
    if (reply.status < 300) return reply;
    throw new RegistryRefused(this.server, reply.status, reply.data.slice(0, 200).trim());
  }

  /** The reply, and the token with which the request was sent. */
  async #exchange({
    method,
    path,
    params,
    options,
  }: Call): Promise<{ reply: Reply; token: string | undefined }> {
    if (this.#failures > 0 && (this.#exchanging || this.#clock() < this.#retryAt)) {
      throw new RegistryUnavailable(this.server, `${this.#lastFailure} (retried after a back-off)`);
    }
    const startedAt = this.#clock();
    this.#exchanging = true;
    try {
      const token = await this.accessToken();
      const query = queryOf(token === undefined ? params : { ...params, accessToken: token });
      const reply = await this.#send(method, `${path}?${query}`, options);
      if (reply.status >= 500 && reply.status !== 501) throw new Error(`status ${reply.status}`);
      if (this.#failures > 0) this.#answersAgain();
      return { reply, token };
    } catch (cause) {
      this.#lastFailure = silenceOf(cause);
      if (this.#failures === 0 || startedAt >= this.#retryAt) this.#backOff();
      throw new RegistryUnavailable(this.server, this.#lastFailure, cause);
    } finally {
      this.#exchanging = false;
      this.#lastExchange = this.#clock();
    }
  }

  async #send(
    method: string,
    path: string,
    { form, headers, timeoutMs = this.answerWithinMs }: CallOptions,
  ): Promise<Reply> {
    if (this.#closed) throw new Error("closed");
    return this.#http.send({
      url: `${this.secure ? "https" : "http"}://${this.authority}${path}`,
      method: method,
      // Nacos pushes changes only to user agents that it knows; the package's is one of them.
      headers: {
        "user-agent": "Nacos-Java-Client:v1.0.0",
        ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
        ...headers,
      },
      body: form && queryOf(form),
      timeoutMs,
    });
  }
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly params: Params;
  readonly options: CallOptions;
}

/** The request that checks whether the server answers. Any status will do, also the 404 of a version without this path. */
const ALIVE: Call = { method: "GET", path: "/nacos/v1/ns/operator/metrics", params: {}, options: {} };

function queryOf(params: Params): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value !== undefined) query.set(key, String(value));
  return query.toString();
}

function silenceOf(cause: unknown): string {
  if (!isNativeError(cause)) return reasonOf(cause);
  if (cause.name === "TimeoutError") return "no answer in time";
  return tlsFailure(cause) ?? reasonOf(cause);
}
