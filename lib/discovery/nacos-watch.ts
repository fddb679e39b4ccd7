// Merges what pushes and polls say of one service into one sequence of changes.

import type { HostList } from "./nacos-hosts.ts";
import type { Instance } from "./registry.ts";

type Listener = (instances: readonly Instance[]) => void;

interface Known {
  readonly instances: readonly Instance[];
  readonly text: string;
  readonly lastRefTime: number;
  readonly receivedAt: number;
}

export class WatchedService {
  readonly #listeners = new Set<Listener>();
  #known: Known | undefined;

  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Adds a listener; what is known already it hears at once. */
  add(listener: Listener): void {
    this.#listeners.add(listener);
    if (this.#known !== undefined) listener(this.#known.instances);
  }

  remove(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /**
   * Takes a list that was asked for at `askedAt` (for a push: when it came) and arrived at `now`; tells the listeners if it
   * differs. A reply overtaken by a newer list is ignored, but never one asked for after that: clocks of servers differ.
   */
  accept(list: HostList, askedAt: number, now: number): void {
    const known = this.#known;
    if (known !== undefined && list.lastRefTime < known.lastRefTime && askedAt < known.receivedAt) return;
    const text = JSON.stringify(list.instances);
    this.#known = { instances: list.instances, text, lastRefTime: list.lastRefTime, receivedAt: now };
    if (text === known?.text) return;
    for (const listener of [...this.#listeners]) listener(list.instances);
  }
}
