// One call: sends a request to one instance and, on failure, to another, until there is a reply or no instance is left to try.

import { coolDownOf, isFullOfConnections } from "../../core/retry-after.ts";
import { waitAtMost } from "../../core/wait-at-most.ts";
import { meter } from "../../observability/meter.ts";
import type { BackgroundProbes } from "../instances/background-probes.ts";
import { type Choice, choose, hasAnother } from "../instances/balancer.ts";
import type { EjectionFailure } from "../instances/ejection.ts";
import type { Endpoint } from "../instances/endpoint.ts";
import { AttemptFailed, type CallAttempt } from "../peer/attempt.ts";
import { MISDIRECTED, type PeerReply, type PeerRequest, PeerUnavailable } from "../peer/peer.ts";
import type { Resolver } from "../resolver/resolver.ts";
import type { DiscoveryPolicy } from "../settings/policy.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** Makes one attempt: resolves with a reply of any status. @throws {AttemptFailed} */
export interface SendAttempt<Body, Reply> {
  send(attempt: CallAttempt<Body>): Promise<Reply>;
}

/** What all calls of one process share. */
export interface CallPorts<Body = string, Reply extends ReplyHead = PeerReply> {
  readonly resolver: Pick<Resolver, "current" | "refresh" | "peek">;
  readonly http: SendAttempt<Body, Reply>;
  readonly balancer?: typeof choose;
  /** Probes ejected and suspect instances. Without it, as on Lambda, a request is the trial of an ejected instance. */
  readonly probes?: Pick<BackgroundProbes, "probeEjected" | "probeSuspect"> | undefined;
  /** Epoch milliseconds, for dates in `Retry-After`. */
  readonly clock: () => number;
  /** Monotonic milliseconds, for everything else. */
  readonly monotonic: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The parts of a reply that a call reads. */
export type ReplyHead = Pick<PeerReply, "status" | "headers">;

/** The instance, or a proxy in front of it, can't serve now; another instance may. */
const UNAVAILABLE = [502, 503, 504];
/** How often an attempt past its time limit checks whether another instance has become available. */
const RECHECK_MS = 250;

export class Call<Body, Reply extends ReplyHead> {
  readonly #ports: Omit<CallPorts<Body, Reply>, "http">;
  readonly #http: SendAttempt<Body, Reply>;
  readonly #policy: DiscoveryPolicy;
  readonly #budget: RetryBudget;
  readonly #service: string;
  readonly #request: PeerRequest<Body>;
  readonly #choose: typeof choose;
  #endpoints: readonly Endpoint[] = [];
  #tried: Endpoint[] | undefined;
  #maybeSent = false;
  /** True when the last attempt connected to the instance it was meant for. */
  #reached = false;
  #reason: string | undefined;
  #cause: unknown;
  /** The 502, 503 or 504 to return when no instance is left; of several, the one with the shortest cool-down. */
  #reply: Reply | undefined;
  #replyCoolDown = Number.POSITIVE_INFINITY;
  /** Number of attempts made when the list was last refreshed; -1 before the first refresh. */
  #refreshedAfter = -1;
  /** The instance whose attempt timed out while the call had time left. */
  #timedOut: Endpoint | undefined;

  constructor(
    ports: Omit<CallPorts<Body, Reply>, "http">,
    http: SendAttempt<Body, Reply>,
    policy: DiscoveryPolicy,
    budget: RetryBudget,
    service: string,
    request: PeerRequest<Body>,
  ) {
    this.#ports = ports;
    this.#http = http;
    this.#policy = policy;
    this.#budget = budget;
    this.#service = service;
    this.#request = request;
    this.#choose = ports.balancer ?? choose;
  }

  async run(): Promise<Reply> {
    this.#budget.deposit();
    const { signal } = this.#request;
    this.#endpoints = this.#ports.resolver.current(this.#service) ?? (await this.#refreshed());
    for (;;) {
      const endpoint = this.#next() ?? (await this.#lastResort());
      if (signal?.aborted === true) throw this.#unavailable("the caller gave up", signal.reason);
      const left = this.#left();
      if (left <= 0) return this.#giveUp("the deadline is over");
      if (endpoint === undefined) return this.#giveUp();
      // An instance that was not reached did no work, so the next attempt adds no load and needs no retry budget.
      if (this.#tried !== undefined && this.#reached && !this.#budget.withdraw()) {
        meter()?.retryRefused(this.#service);
        return this.#giveUp("the retry budget is spent");
      }
      const reply = await this.#attempt(endpoint, left);
      if (reply !== undefined) return reply;
      if (this.#maybeSent && !this.#request.retryable) return this.#giveUp();
      if (this.#tried === undefined) this.#tried = [endpoint];
      else this.#tried.push(endpoint);
    }
  }

  #next(): Endpoint | undefined {
    if (this.#tried !== undefined && this.#tried.length >= this.#policy.attemptsPerCall) return undefined;
    const { probes } = this.#ports;
    const choice = this.#choice();
    if (probes !== undefined) {
      for (const endpoint of this.#endpoints) {
        if (endpoint.ejection.state(choice.now) === "due") probes.probeEjected(endpoint);
      }
    }
    return this.#choose(this.#endpoints, choice);
  }

  #choice(): Choice {
    return {
      now: this.#ports.monotonic(),
      random: this.#ports.random,
      tried: this.#tried,
      allowTrial: this.#request.retryable && this.#ports.probes === undefined,
    };
  }

  /** For when every known instance was tried: an instance that the registry has listed since, or the one that timed out. */
  async #lastResort(): Promise<Endpoint | undefined> {
    const tried = this.#tried?.length ?? 0;
    if (tried === 0 && this.#coolDown() !== undefined) {
      this.#reason = "every instance is in its cool-down";
      return undefined;
    }
    if (tried > this.#refreshedAfter) {
      this.#endpoints = await this.#refreshed();
      const endpoint = this.#next();
      if (endpoint !== undefined) return endpoint;
    }
    const endpoint = this.#timedOut;
    this.#timedOut = undefined;
    return endpoint;
  }

  /** The reply, if it is final; undefined when the call may try another instance. */
  async #attempt(endpoint: Endpoint, left: number): Promise<Reply | undefined> {
    const startedAt = this.#ports.monotonic();
    endpoint.began(startedAt);
    endpoint.ejection.beginTrial(startedAt);
    this.#reached = true;
    const attempt = this.#addressed(endpoint, left);
    try {
      const reply = await this.#http.send(attempt);
      const now = this.#ports.monotonic();
      if (reply.status === MISDIRECTED) {
        endpoint.misdirected = true;
        this.#reached = false;
        this.#failed(endpoint, startedAt, "gone", `another service or instance answers at ${endpoint.url}`);
        this.#refreshInBackground();
        return undefined;
      }
      endpoint.misdirected = false;
      if (UNAVAILABLE.includes(reply.status)) return this.#unavailableReply(endpoint, startedAt, reply);
      endpoint.ejection.succeeded(now);
      endpoint.answeredAt = now;
      if (endpoint.warm) endpoint.latency.succeeded(now - startedAt, now);
      endpoint.warm = true;
      return reply;
    } catch (cause) {
      this.#withoutReply(endpoint, startedAt, cause);
      return undefined;
    } finally {
      endpoint.ended(this.#ports.monotonic());
    }
  }

  #unavailableReply(endpoint: Endpoint, startedAt: number, reply: Reply): Reply | undefined {
    const coolDown = coolDownOf(reply, this.#ports.clock(), this.#policy.ejectLongestMs);
    const reason = `${endpoint.url} answered ${reply.status}`;
    if (isFullOfConnections(reply)) {
      endpoint.ejection.succeeded(this.#ports.monotonic());
      this.#reason = reason;
    } else if (coolDown === undefined) {
      this.#failed(endpoint, startedAt, "error", reason);
    } else {
      // It answered in time, so this is no slow reply; but an instance that keeps answering so is ejected.
      const now = this.#ports.monotonic();
      endpoint.coolDownUntil = now + coolDown;
      endpoint.ejection.failed(now, "error");
      this.#reason = reason;
    }
    if (!this.#request.retryable) return reply;
    if (this.#reply === undefined || (coolDown !== undefined && coolDown < this.#replyCoolDown)) {
      this.#reply = reply;
      this.#replyCoolDown = coolDown ?? Number.POSITIVE_INFINITY;
    }
    return undefined;
  }

  #withoutReply(endpoint: Endpoint, startedAt: number, cause: unknown): void {
    if (!(cause instanceof AttemptFailed)) throw cause;
    if (cause.sent) this.#maybeSent = true;
    if (cause.kind === "cancelled") {
      endpoint.ejection.abandoned();
      throw this.#unavailable(cause.message, cause);
    }
    const unreachable = cause.kind === "unreachable";
    this.#reached = !unreachable;
    const failure = unreachable ? "gone" : "error";
    this.#failed(endpoint, startedAt, failure, `${endpoint.url}: ${cause.message}`, cause);
    if (unreachable) this.#refreshInBackground();
    // When a process is killed, its connections break before new ones are refused.
    else this.#ports.probes?.probeSuspect(endpoint);
    if (cause.kind === "timeout" && this.#left() > 0) this.#timedOut ??= endpoint;
  }

  #failed(
    endpoint: Endpoint,
    startedAt: number,
    failure: EjectionFailure,
    reason: string,
    cause?: unknown,
  ): void {
    const now = this.#ports.monotonic();
    endpoint.ejection.failed(now, failure);
    endpoint.latency.failed(now - startedAt, now);
    this.#reason = reason;
    this.#cause = cause;
  }

  #addressed(endpoint: Endpoint, left: number): CallAttempt<Body> {
    const { caller, method, path, headers, body, retryable, signal, route } = this.#request;
    const sent: Record<string, string> = {
      ...headers,
      "cfmp-target-service": this.#service,
      "cfmp-timeout": String(Math.ceil(left)),
    };
    if (endpoint.instanceId !== undefined) sent["cfmp-target-instance"] = endpoint.instanceId;
    return {
      caller,
      service: this.#service,
      no: (this.#tried?.length ?? 0) + 1,
      retryable,
      route,
      origin: endpoint.origin,
      path: endpoint.basePath + path,
      method,
      headers: sent,
      body,
      timeout: retryable ? Math.min(left, this.#policy.attemptTimeoutMs) : left,
      moreTime: retryable ? () => this.#moreTime(endpoint) : undefined,
      signal,
    };
  }

  /** While there is no other instance, the attempt continues past its time limit and checks again for another one. */
  #moreTime(endpoint: Endpoint): number {
    this.#endpoints = this.#ports.resolver.current(this.#service) ?? this.#endpoints;
    const another = hasAnother(this.#endpoints, endpoint, this.#choice());
    return another ? 0 : Math.min(this.#left(), RECHECK_MS);
  }

  /** Milliseconds until the deadline. */
  #left(): number {
    return this.#request.deadline - this.#ports.monotonic();
  }

  /** Refreshes the list, and waits for the registry only a short time: a call must not depend on it. */
  async #refreshed(): Promise<readonly Endpoint[]> {
    this.#refreshedAfter = this.#tried?.length ?? 0;
    const { resolver } = this.#ports;
    const longest = Math.min(this.#left(), this.#policy.registryWaitMs);
    await waitAtMost(longest, resolver.refresh(this.#service), this.#request.signal);
    return resolver.peek(this.#service).endpoints;
  }

  /** The list was found to be wrong: fetches a new one in the background. */
  #refreshInBackground(): void {
    void this.#ports.resolver.refresh(this.#service);
  }

  /** Milliseconds until the first cool-down of an instance ends; undefined when none is in one. */
  #coolDown(): number | undefined {
    const now = this.#ports.monotonic();
    const left = this.#endpoints.map(({ coolDownUntil }) => coolDownUntil - now).filter((ms) => ms > 0);
    return left.length === 0 ? undefined : Math.min(...left);
  }

  #giveUp(reason?: string): Reply {
    if (this.#reply !== undefined) return this.#reply;
    const reasons = [reason, this.#reason].filter((each) => each !== undefined);
    if (reasons.length > 0) throw this.#unavailable(reasons.join("; "), this.#cause);
    const { failure } = this.#ports.resolver.peek(this.#service);
    const why = failure instanceof Error ? failure.message : "no instance is registered";
    throw this.#unavailable(why, failure);
  }

  #unavailable(reason: string, cause: unknown): PeerUnavailable {
    const options = { maybeSent: this.#maybeSent, retryAfterMs: this.#coolDown(), cause };
    return new PeerUnavailable(this.#service, reason, options);
  }
}
