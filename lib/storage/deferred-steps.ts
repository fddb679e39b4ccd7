// Steps of aggregates that wait for the next write of their aggregate. They are only in memory.

/** Computes the next state of an aggregate. Pure. */
export type Step<S> = (state: S) => S;

/** Most aggregates that may have steps waiting. */
export const DEFERRED_LIMIT = 1_000;

/** The steps that wait, by the id of their aggregate, in the order in which they came. */
export class DeferredSteps<S> {
  readonly #steps = new Map<string, readonly Step<S>[]>();

  /** Adds a step. False, and nothing is added, when too many other aggregates have one. */
  add(id: string, step: Step<S>): boolean {
    if (!this.has(id) && this.#steps.size >= DEFERRED_LIMIT) return false;
    this.#steps.set(id, [...this.of(id), step]);
    return true;
  }

  has(id: string): boolean {
    return this.#steps.has(id);
  }

  /** The steps of one aggregate. */
  of(id: string): readonly Step<S>[] {
    return this.#steps.get(id) ?? [];
  }

  /** Forgets those of the steps `over` that still wait; others may have come since. */
  forget(id: string, over: readonly Step<S>[]): void {
    const left = this.of(id).filter((step) => !over.includes(step));
    if (left.length === 0) this.#steps.delete(id);
    else this.#steps.set(id, left);
  }
}

/** `state` after `steps`. */
export const after = <S>(state: S, steps: readonly Step<S>[]): S =>
  steps.reduce((next, step) => step(next), state);
