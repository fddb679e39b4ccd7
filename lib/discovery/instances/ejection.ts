// Ejection: an instance that keeps failing gets no traffic for a while. Its replies to calls decide (passive ejection), and a probe
// of an instance that did not reply.
// Sources: Envoy, "Outlier detection" (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier);
// half-open probing: M. Nygard, "Release It!", circuit breaker.

import { pauseAfter } from "../../core/retry.ts";
import { defaultPolicy, type PolicySource } from "../settings/policy.ts";

/** Milliseconds without a further ejection after which the back-off starts again from its shortest time. */
const FORGET_MS = 60_000;

/**
 * `error`: a request without a good reply; ejects after several in a row. `gone`: no connection, another instance answers, or a
 * probe got a reply that is not healthy; ejects at once. `hung`: no reply to a probe either; ejects at once, but the instance
 * may be there.
 */
export type EjectionFailure = "error" | "gone" | "hung";

/** `in`: takes traffic. `out`: takes none. `due`: one trial (a request or probe) may be sent. `trying`: that trial is in flight. */
export type EjectionState = "in" | "out" | "due" | "trying";

export class Ejection {
  readonly #random: () => number;
  readonly #policy: PolicySource;
  readonly #onEjected: () => void;
  #failures = 0;
  #ejections = 0;
  #ejected = false;
  #trying = false;
  #onProbation = false;
  #gone = false;
  #until = 0;
  #lastChange = 0;

  /** `onEjected` is called at each ejection, also when a trial fails. */
  constructor(random: () => number, policy: PolicySource = defaultPolicy, onEjected: () => void = () => {}) {
    this.#random = random;
    this.#policy = policy;
    this.#onEjected = onEjected;
  }

  /** `now`: monotonic milliseconds, here and in all methods. */
  state(now: number): EjectionState {
    if (!this.#ejected) return "in";
    if (this.#trying) return "trying";
    return now < this.#until ? "out" : "due";
  }

  /** True when the last failure was `gone`. */
  get gone(): boolean {
    return this.#gone;
  }

  /** A request or probe is sent to the ejected instance. If a trial was due, no second one is allowed until it has ended. */
  beginTrial(now: number): void {
    if (this.state(now) === "due") this.#trying = true;
  }

  /** A request was answered: the instance recovers. */
  succeeded(now: number): void {
    this.#failures = 0;
    this.#onProbation = false;
    this.#recover(now);
  }

  /** A probe was answered: the instance recovers, on probation, so its first failure ejects it again. */
  probeSucceeded(now: number): void {
    if (!this.#ejected) return;
    this.#onProbation = true;
    this.#recover(now);
  }

  /** Records a failure of a request or probe. */
  failed(now: number, failure: EjectionFailure): void {
    this.#failures += 1;
    this.#gone = failure === "gone";
    if (this.#ejected && !this.#trying) return;
    const { ejectAfterFailures, ejectFirstMs: first, ejectLongestMs: longest } = this.#policy();
    const enough = failure !== "error" || this.#onProbation || this.#failures >= ejectAfterFailures;
    if (!this.#ejected && !enough) return;
    if (!this.#ejected && now - this.#lastChange > FORGET_MS) this.#ejections = 0;
    this.#ejections += 1;
    this.#ejected = true;
    this.#trying = false;
    this.#onProbation = false;
    this.#until = now + pauseAfter(this.#ejections, { first, longest, jitter: 0.5 }, this.#random);
    this.#lastChange = now;
    this.#onEjected();
  }

  /** The caller cancelled the request that was the trial: its outcome is unknown, so another trial is allowed. */
  abandoned(): void {
    this.#trying = false;
  }

  #recover(now: number): void {
    this.#gone = false;
    if (!this.#ejected) return;
    this.#ejected = false;
    this.#trying = false;
    this.#lastChange = now;
  }
}
