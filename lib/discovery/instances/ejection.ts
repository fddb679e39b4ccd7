// Passive ejection: an instance that keeps failing gets no traffic for a while, judged by its replies alone.
// Sources: Envoy, "Outlier detection" (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier);
// half-open probing: M. Nygard, "Release It!", circuit breaker.

import { pauseAfter } from "../../core/retry.ts";
import { defaultPolicy, type PolicySource } from "../settings/policy.ts";

/** After this long without another ejection the next one is short again, in milliseconds. */
const FORGET_MS = 60_000;

/** `in`: takes traffic. `out`: takes none. `due`: one request or probe may try it. `trying`: that one is under way. */
export type EjectionState = "in" | "out" | "due" | "trying";

export class Ejection {
  readonly #random: () => number;
  readonly #policy: PolicySource;
  #failures = 0;
  #ejections = 0;
  #ejected = false;
  #trying = false;
  #onProbation = false;
  #gone = false;
  #until = 0;
  #lastChange = 0;

  constructor(random: () => number, policy: PolicySource = defaultPolicy) {
    this.#random = random;
    this.#policy = policy;
  }

  state(now: number): EjectionState {
    if (!this.#ejected) return "in";
    if (this.#trying) return "trying";
    return now < this.#until ? "out" : "due";
  }

  /** True when the last failure was a refused connection or another listener (421). */
  get gone(): boolean {
    return this.#gone;
  }

  /** A request or probe goes to the ejected instance. If a trial was due, no second one is until its outcome is known. */
  beginTrial(now: number): void {
    if (this.state(now) === "due") this.#trying = true;
  }

  succeeded(now: number): void {
    this.#failures = 0;
    this.#onProbation = false;
    this.#readmit(now);
  }

  /** A probe was answered: requests may go there again, but the first failure ejects it once more. */
  probed(now: number): void {
    if (!this.#ejected) return;
    this.#onProbation = true;
    this.#readmit(now);
  }

  /**
   * `certain`: one failure is enough, as when the connection is refused or another listener answers. `gone`: it was one of
   * these two.
   */
  failed(now: number, certain: boolean, gone = certain): void {
    this.#failures += 1;
    this.#gone = gone;
    if (this.#ejected && !this.#trying) return;
    const { ejectAfterFailures, ejectFirstMs: first, ejectLongestMs: longest } = this.#policy();
    const enough = certain || this.#onProbation || this.#failures >= ejectAfterFailures;
    if (!this.#ejected && !enough) return;
    if (!this.#ejected && now - this.#lastChange > FORGET_MS) this.#ejections = 0;
    this.#ejections += 1;
    this.#ejected = true;
    this.#trying = false;
    this.#onProbation = false;
    this.#until = now + pauseAfter(this.#ejections, { first, longest, jitter: 0.5 }, this.#random);
    this.#lastChange = now;
  }

  /** The request that was the trial was cancelled by its caller: its outcome is unknown. */
  abandoned(): void {
    this.#trying = false;
  }

  #readmit(now: number): void {
    this.#gone = false;
    if (!this.#ejected) return;
    this.#ejected = false;
    this.#trying = false;
    this.#lastChange = now;
  }
}
