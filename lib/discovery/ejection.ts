// Taking an instance that keeps failing out of the traffic for a while, judged by its replies alone ("passive").
// Sources: Envoy, "Outlier detection" (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier);
// half-open probing: M. Nygard, "Release It!", circuit breaker.

import { backoff } from "./backoff.ts";

/** Failures in a row until the instance is taken out. */
const THRESHOLD = 3;
const PAUSE = { first: 1_000, longest: 30_000 };
/** After this long without another ejection the next one is short again, in milliseconds. */
const FORGET_MS = 60_000;

/** `in`: takes traffic. `out`: takes none. `due`: one request may try it. `trying`: that request is under way. */
export type EjectionState = "in" | "out" | "due" | "trying";

export class Ejection {
  readonly #random: () => number;
  #failures = 0;
  #ejections = 0;
  #ejected = false;
  #trying = false;
  #until = 0;
  #lastChange = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  state(now: number): EjectionState {
    if (!this.#ejected) return "in";
    if (this.#trying) return "trying";
    return now < this.#until ? "out" : "due";
  }

  /** A request goes to the instance although it is out: until its outcome is known no second one is due. */
  tryOut(): void {
    if (this.#ejected) this.#trying = true;
  }

  succeeded(now: number): void {
    this.#failures = 0;
    if (!this.#ejected) return;
    this.#ejected = false;
    this.#trying = false;
    this.#lastChange = now;
  }

  /** `certain`: nobody listens there, or somebody else; no second failure is needed to know. */
  failed(now: number, certain: boolean): void {
    this.#failures += 1;
    if (this.#ejected && !this.#trying) return;
    if (!this.#ejected && !certain && this.#failures < THRESHOLD) return;
    if (!this.#ejected && now - this.#lastChange > FORGET_MS) this.#ejections = 0;
    this.#ejections += 1;
    this.#ejected = true;
    this.#trying = false;
    this.#until = now + backoff(this.#ejections, { ...PAUSE, random: this.#random });
    this.#lastChange = now;
  }

  /** The request that tried it out was given up by its caller: nothing was learnt. */
  abandoned(): void {
    this.#trying = false;
  }
}
