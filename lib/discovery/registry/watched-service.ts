// Turns the replies of many requests for one service's list into one sequence of changes.

import type { Instance, Unwatch } from "./registry.ts";

type Listener = (instances: readonly Instance[]) => void;

interface Known {
  readonly instances: readonly Instance[];
  readonly text: string;
  readonly askedAt: number;
}

export class WatchedService {
  readonly #listeners = new Set<Listener>();
  #known: Known | undefined;

  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Adds a listener; what is known already it hears at once. The same function may listen more than once. */
  add(listener: Listener): Unwatch {
    const own: Listener = (instances) => listener(instances);
    this.#listeners.add(own);
    if (this.#known !== undefined) own(this.#known.instances);
    return () => void this.#listeners.delete(own);
  }

  /**
   * Takes the list that was asked for at `askedAt` (any clock that only goes forward); tells the listeners if it differs.
   * A reply that one asked for later has overtaken changes nothing.
   */
  accept(instances: readonly Instance[], askedAt: number): void {
    const known = this.#known;
    if (known !== undefined && askedAt < known.askedAt) return;
    const text = JSON.stringify(instances);
    this.#known = { instances, text, askedAt };
    if (text === known?.text) return;
    for (const listener of [...this.#listeners]) listener(instances);
  }
}
