// Calls a service by its name: chooses an instance, and on failure another one, within the caller's deadline.

import { choose } from "./balancer.ts";
import type { Endpoint } from "./endpoint.ts";
import { type PeerReply, type PeerRequest, PeerUnavailable } from "./peer.ts";
import { type Attempt, AttemptFailed } from "./peer-http.ts";
import { type DiscoveryPolicy, defaultPolicy, type PolicySource } from "./policy.ts";
import type { Resolver } from "./resolver.ts";
import { RetryBudget } from "./retry-budget.ts";

/** Makes one attempt: resolves with a reply of any status. @throws {AttemptFailed} */
export interface SendAttempt<Body, Reply> {
  send(attempt: Attempt<Body>): Promise<Reply>;
}

export interface CallerPorts<Body = string, Reply extends Answered = PeerReply> {
  readonly resolver: Pick<Resolver, "current" | "refresh" | "peek">;
  readonly http: SendAttempt<Body, Reply>;
  readonly balancer?: typeof choose;
  /** Epoch milliseconds, for deadlines. */
  readonly clock: () => number;
  /** Milliseconds that never jump, for all else. */
  readonly monotonic: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly policy?: PolicySource;
}

/** All that the caller itself reads of a reply. */
export type Answered = Pick<PeerReply, "status" | "headers">;

/** The instance (or what is before it) can't serve now; another may. */
const ELSEWHERE = [502, 503, 504];
/** "Another listener answers here" (RFC 9110, 15.5.20): nobody did anything. */
const MISDIRECTED = 421;

/**
 * A {@link CallPeer}. A reply of any status is a reply, save 421. What can have had no effect (no connection, 421) is sent
 * to another instance; what may have had one only if `request.retryable`; each instance is tried once. Headers sent:
 * `cfmp-target-service`, `cfmp-target-instance`, `cfmp-deadline` (epoch milliseconds).
 */
export function createCaller<Body = string, Reply extends Answered = PeerReply>(
  ports: CallerPorts<Body, Reply>,
): (service: string, request: PeerRequest<Body>) => Promise<Reply> {
  const { policy = defaultPolicy } = ports;
  const budgets = new Map<string, RetryBudget>();
  const budgetOf = (service: string): RetryBudget => {
    const budget = budgets.get(service) ?? new RetryBudget({ clock: ports.monotonic, policy });
    budgets.set(service, budget);
    return budget;
  };
  return (service, request) => new Call(ports, policy(), budgetOf(service), service, request).run();
}

class Call<Body, Reply extends Answered> {
  readonly #ports: CallerPorts<Body, Reply>;
  readonly #policy: DiscoveryPolicy;
  readonly #budget: RetryBudget;
  readonly #service: string;
  readonly #request: PeerRequest<Body>;
  readonly #choose: typeof choose;
  #endpoints: readonly Endpoint[] = [];
  #tried: Endpoint[] | undefined;
  #maybeSent = false;
  #reason = "no instance is registered";
  #cause: unknown;
  /** A reply that sends the caller elsewhere: better than none when there is no elsewhere. */
  #reply: Reply | undefined;

  constructor(
    ports: CallerPorts<Body, Reply>,
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
    const known = this.#ports.resolver.current(this.#service);
    let refreshed = known === undefined;
    this.#endpoints = known ?? (await this.#refreshed());
    for (;;) {
      const left = this.#request.deadline - this.#ports.clock();
      if (left <= 0) return this.#giveUp("the deadline is over");
      const endpoint = this.#next();
      if (endpoint === undefined && refreshed) return this.#giveUp();
      if (endpoint === undefined) {
        // All that is known was tried; perhaps the registry knows better by now.
        refreshed = true;
        this.#endpoints = await this.#refreshed();
        continue;
      }
      if (this.#tried !== undefined && !this.#budget.withdraw())
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
    return this.#choose(this.#endpoints, {
      now: this.#ports.monotonic(),
      random: this.#ports.random,
      tried: this.#tried,
      mayTryOut: this.#request.retryable,
    });
  }

  /** The reply, if it is one to give to the caller; undefined when the call may go on elsewhere. */
  async #attempt(endpoint: Endpoint, left: number): Promise<Reply | undefined> {
    endpoint.inFlight += 1;
    endpoint.ejection.tryOut();
    const startedAt = this.#ports.monotonic();
    try {
      const reply = await this.#ports.http.send(this.#addressed(endpoint, left));
      const now = this.#ports.monotonic();
      if (reply.status === MISDIRECTED) {
        this.#failed(endpoint, startedAt, true, `another service or instance answers at ${endpoint.url}`);
        this.#lookAgain();
        return undefined;
      }
      if (ELSEWHERE.includes(reply.status)) {
        this.#failed(endpoint, startedAt, false, `${endpoint.url} answered ${reply.status}`);
        if (!this.#request.retryable) return reply;
        this.#reply = reply;
        return undefined;
      }
      endpoint.ejection.succeeded(now);
      if (endpoint.greeted) endpoint.latency.succeeded(now - startedAt, now);
      endpoint.greeted = true;
      return reply;
    } catch (cause) {
      this.#lost(endpoint, startedAt, cause);
      return undefined;
    } finally {
      endpoint.inFlight -= 1;
    }
  }

  #lost(endpoint: Endpoint, startedAt: number, cause: unknown): void {
    if (!(cause instanceof AttemptFailed)) throw cause;
    if (cause.sent) this.#maybeSent = true;
    if (cause.kind === "cancelled") {
      endpoint.ejection.abandoned();
      throw this.#unavailable(cause.message, cause);
    }
    const unreachable = cause.kind === "unreachable";
    this.#failed(endpoint, startedAt, unreachable, `${endpoint.url}: ${cause.message}`, cause);
    if (unreachable) this.#lookAgain();
  }

  #failed(endpoint: Endpoint, startedAt: number, certain: boolean, reason: string, cause?: unknown): void {
    const now = this.#ports.monotonic();
    endpoint.ejection.failed(now, certain);
    endpoint.latency.failed(now - startedAt, now);
    this.#reason = reason;
    this.#cause = cause;
  }

  #addressed(endpoint: Endpoint, left: number) {
    const { method, path, headers, body, retryable, signal, deadline } = this.#request;
    const elsewhere = retryable && this.#endpoints.length > 1;
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
      timeout: elsewhere ? Math.min(left, this.#policy.attemptTimeoutMs) : left,
      signal,
    };
  }

  /** Waits for the registry, but not for long: a call must not hang on it. */
  async #refreshed(): Promise<readonly Endpoint[]> {
    const left = this.#request.deadline - this.#ports.clock();
    const waited = Promise.withResolvers<void>();
    const timeout = setTimeout(
      () => waited.resolve(),
      Math.max(0, Math.min(left, this.#policy.registryWaitMs)),
    );
    try {
      await Promise.race([this.#ports.resolver.refresh(this.#service), waited.promise]);
      return this.#ports.resolver.peek(this.#service).endpoints;
    } finally {
      clearTimeout(timeout);
    }
  }

  /** The registry's list is wrong; ask for a new one behind this call. */
  #lookAgain(): void {
    void this.#ports.resolver.refresh(this.#service);
  }

  #giveUp(reason?: string): Reply {
    if (this.#reply !== undefined) return this.#reply;
    throw this.#unavailable(reason === undefined ? this.#reason : `${reason}; ${this.#reason}`, this.#cause);
  }

  #unavailable(reason: string, cause: unknown): PeerUnavailable {
    return new PeerUnavailable(this.#service, reason, { maybeSent: this.#maybeSent, cause });
  }
}
