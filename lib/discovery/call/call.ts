// One call: an instance is asked, and on failure another one, until there is a reply or nothing is left to try.

import { restAskedFor } from "../../core/retry-after.ts";
import { waitAtMost } from "../../core/wait-at-most.ts";
import { type Choice, choose, hasAnother } from "../instances/balancer.ts";
import type { Endpoint } from "../instances/endpoint.ts";
import type { Recovery } from "../instances/recovery.ts";
import { type PeerReply, type PeerRequest, PeerUnavailable } from "../peer/peer.ts";
import { type Attempt, AttemptFailed } from "../peer/peer-http.ts";
import type { Resolver } from "../resolver/resolver.ts";
import type { DiscoveryPolicy } from "../settings/policy.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** Makes one attempt: resolves with a reply of any status. @throws {AttemptFailed} */
export interface SendAttempt<Body, Reply> {
  send(attempt: Attempt<Body>): Promise<Reply>;
}

/** What calls share. */
export interface CallPorts<Body = string, Reply extends Answered = PeerReply> {
  readonly resolver: Pick<Resolver, "current" | "refresh" | "peek">;
  readonly http: SendAttempt<Body, Reply>;
  readonly balancer?: typeof choose;
  /** Probes what was ejected or let a request wait. Without it, as in a frozen process, requests try that out. */
  readonly recovery?: Pick<Recovery, "tryOut" | "doubt"> | undefined;
  /** Epoch milliseconds, for deadlines. */
  readonly clock: () => number;
  /** Milliseconds that never jump, for all else. */
  readonly monotonic: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** All that the caller itself reads of a reply. */
export type Answered = Pick<PeerReply, "status" | "headers">;

/** The instance (or what is before it) can't serve now; another may. */
const ELSEWHERE = [502, 503, 504];
/** "Another listener answers here" (RFC 9110, 15.5.20): nobody did anything. */
const MISDIRECTED = 421;
/** How often an attempt that has waited long enough looks for somebody else to ask. */
const LOOK_AGAIN_MS = 250;

export class Call<Body, Reply extends Answered> {
  readonly #ports: CallPorts<Body, Reply>;
  readonly #policy: DiscoveryPolicy;
  readonly #budget: RetryBudget;
  readonly #service: string;
  readonly #request: PeerRequest<Body>;
  readonly #choose: typeof choose;
  #endpoints: readonly Endpoint[] = [];
  #tried: Endpoint[] | undefined;
  #maybeSent = false;
  /** The last attempt found the instance that it meant. */
  #reached = false;
  #reason: string | undefined;
  #cause: unknown;
  /** A reply that sends the caller elsewhere: better than none when there is no elsewhere. Of several the one with the least rest. */
  #reply: Reply | undefined;
  #replyRest = Number.POSITIVE_INFINITY;
  /** After so many attempts the registry was asked last; -1: not at all. */
  #lookedAfter = -1;
  /** One that might have answered, had it been given more time. */
  #cutShort: Endpoint | undefined;

  constructor(
    ports: CallPorts<Body, Reply>,
    policy: DiscoveryPolicy,
    budget: RetryBudget,
    service: string,
    request: PeerRequest<Body>,
  ) {
    this.#ports = ports;
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
      // Who was not reached had no work with it, so going elsewhere multiplies no load.
      if (this.#tried !== undefined && this.#reached && !this.#budget.withdraw())
        return this.#giveUp("the retry budget is spent");
      const reply = await this.#attempt(endpoint, left);
      if (reply !== undefined) return reply;
      if (this.#maybeSent && !this.#request.retryable) return this.#giveUp();
      if (this.#tried === undefined) this.#tried = [endpoint];
      else this.#tried.push(endpoint);
    }
  }

  #next(): Endpoint | undefined {
    if (this.#tried !== undefined && this.#tried.length >= this.#policy.attemptsPerCall) return undefined;
    const { recovery } = this.#ports;
    const choice = this.#choice();
    if (recovery !== undefined) {
      for (const endpoint of this.#endpoints) {
        if (endpoint.ejection.state(choice.now) === "due") recovery.tryOut(endpoint);
      }
    }
    return this.#choose(this.#endpoints, choice);
  }

  #choice(): Choice {
    return {
      now: this.#ports.monotonic(),
      random: this.#ports.random,
      tried: this.#tried,
      mayTryOut: this.#request.retryable && this.#ports.recovery === undefined,
    };
  }

  /** When nobody is left who was not tried: one that the registry knows by now, or one that was cut short. */
  async #lastResort(): Promise<Endpoint | undefined> {
    const tried = this.#tried?.length ?? 0;
    if (tried === 0 && this.#rest() !== undefined) {
      this.#reason = "every instance asked to be left alone";
      return undefined;
    }
    if (tried > this.#lookedAfter) {
      this.#endpoints = await this.#refreshed();
      const endpoint = this.#next();
      if (endpoint !== undefined) return endpoint;
    }
    const endpoint = this.#cutShort;
    this.#cutShort = undefined;
    return endpoint;
  }

  /** The reply, if it is one to give to the caller; undefined when the call may go on elsewhere. */
  async #attempt(endpoint: Endpoint, left: number): Promise<Reply | undefined> {
    const startedAt = this.#ports.monotonic();
    endpoint.began(startedAt);
    endpoint.ejection.tryOut(startedAt);
    this.#reached = true;
    const attempt = this.#addressed(endpoint, left);
    try {
      const reply = await this.#ports.http.send(attempt);
      const now = this.#ports.monotonic();
      if (reply.status === MISDIRECTED) {
        endpoint.misdirected = true;
        this.#reached = false;
        this.#failed(endpoint, startedAt, true, `another service or instance answers at ${endpoint.url}`);
        this.#lookAgain();
        return undefined;
      }
      endpoint.misdirected = false;
      if (ELSEWHERE.includes(reply.status)) return this.#sentElsewhere(endpoint, startedAt, reply);
      endpoint.ejection.succeeded(now);
      endpoint.answeredAt = now;
      if (endpoint.greeted) endpoint.latency.succeeded(now - startedAt, now);
      endpoint.greeted = true;
      return reply;
    } catch (cause) {
      this.#lost(endpoint, startedAt, cause);
      return undefined;
    } finally {
      endpoint.ended(this.#ports.monotonic());
    }
  }

  #sentElsewhere(endpoint: Endpoint, startedAt: number, reply: Reply): Reply | undefined {
    const rest = restAskedFor(reply, this.#ports.clock(), this.#policy.ejectLongestMs);
    const reason = `${endpoint.url} answered ${reply.status}`;
    if (rest === undefined) {
      this.#failed(endpoint, startedAt, false, reason);
    } else {
      // It answered well and in time; but one that says so again and again is out for longer than it asks for.
      const now = this.#ports.monotonic();
      endpoint.restsUntil = now + rest;
      endpoint.ejection.failed(now, false);
      this.#reason = reason;
    }
    if (!this.#request.retryable) return reply;
    if (this.#reply === undefined || (rest !== undefined && rest < this.#replyRest)) {
      this.#reply = reply;
      this.#replyRest = rest ?? Number.POSITIVE_INFINITY;
    }
    return undefined;
  }

  #lost(endpoint: Endpoint, startedAt: number, cause: unknown): void {
    if (!(cause instanceof AttemptFailed)) throw cause;
    if (cause.sent) this.#maybeSent = true;
    if (cause.kind === "cancelled") {
      endpoint.ejection.abandoned();
      throw this.#unavailable(cause.message, cause);
    }
    const unreachable = cause.kind === "unreachable";
    this.#reached = !unreachable;
    this.#failed(endpoint, startedAt, unreachable, `${endpoint.url}: ${cause.message}`, cause);
    if (unreachable) this.#lookAgain();
    // A killed process breaks its connections before anybody is refused a new one.
    else this.#ports.recovery?.doubt(endpoint);
    if (cause.kind === "timeout" && this.#left() > 0) this.#cutShort ??= endpoint;
  }

  #failed(endpoint: Endpoint, startedAt: number, certain: boolean, reason: string, cause?: unknown): void {
    const now = this.#ports.monotonic();
    endpoint.ejection.failed(now, certain);
    endpoint.latency.failed(now - startedAt, now);
    this.#reason = reason;
    this.#cause = cause;
  }

  #addressed(endpoint: Endpoint, left: number): Attempt<Body> {
    const { method, path, headers, body, retryable, signal, deadline } = this.#request;
    const sent: Record<string, string> = {
      ...headers,
      "cfmp-target-service": this.#service,
      "cfmp-deadline": String(deadline),
    };
    if (endpoint.instanceId !== undefined) sent["cfmp-target-instance"] = endpoint.instanceId;
    return {
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

  /** Waiting is all that is left while there is nobody else; but somebody may come up meanwhile. */
  #moreTime(endpoint: Endpoint): number {
    this.#endpoints = this.#ports.resolver.current(this.#service) ?? this.#endpoints;
    const elsewhere = hasAnother(this.#endpoints, endpoint, this.#choice());
    return elsewhere ? 0 : Math.min(this.#left(), LOOK_AGAIN_MS);
  }

  /** Milliseconds until the deadline. */
  #left(): number {
    return this.#request.deadline - this.#ports.clock();
  }

  /** Waits for the registry, but not for long: a call must not hang on it. */
  async #refreshed(): Promise<readonly Endpoint[]> {
    this.#lookedAfter = this.#tried?.length ?? 0;
    const { resolver } = this.#ports;
    const longest = Math.min(this.#left(), this.#policy.registryWaitMs);
    await waitAtMost(longest, resolver.refresh(this.#service), this.#request.signal);
    return resolver.peek(this.#service).endpoints;
  }

  /** The registry's list is wrong; ask for a new one behind this call. */
  #lookAgain(): void {
    void this.#ports.resolver.refresh(this.#service);
  }

  /** Milliseconds until the first of those that asked to be left alone may be asked again. */
  #rest(): number | undefined {
    const now = this.#ports.monotonic();
    const rests = this.#endpoints.map(({ restsUntil }) => restsUntil - now).filter((rest) => rest > 0);
    return rests.length === 0 ? undefined : Math.min(...rests);
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
    const options = { maybeSent: this.#maybeSent, retryAfterMs: this.#rest(), cause };
    return new PeerUnavailable(this.#service, reason, options);
  }
}
