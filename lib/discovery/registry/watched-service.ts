// Turns the replies to many list requests for one service into one sequence of changes.

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

  /** Adds a listener, and calls it at once with the list if there is one. The same function may be added more than once. */
  add(listener: Listener): Unwatch {
    const own: Listener = (instances) => listener(instances);
    this.#listeners.add(own);
    if (this.#known !== undefined) own(this.#known.instances);
    return () => void this.#listeners.delete(own);
  }

  /**
   * Takes the list that was requested at `askedAt` (any monotonic clock); calls the listeners if it differs. Ignores a reply
   * to a request that was sent before the one of the current list.
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
