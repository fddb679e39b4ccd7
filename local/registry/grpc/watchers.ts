// Who wants to know about changes of what, and what each said about it.

import { RegistryFull } from "../request-error.ts";

const MAX_PER_WATCHER = 10_000;

export class Watchers<Watcher extends object, Detail> {
  readonly #byTopic = new Map<string, Map<Watcher, Detail>>();
  readonly #topicsOf = new Map<Watcher, Set<string>>();

  /** Adds a watcher, or replaces what it said; true when it is new. @throws {RegistryFull} when it watches too much. */
  watch(topic: string, watcher: Watcher, detail: Detail): boolean {
    const topics = this.#topicsOf.get(watcher) ?? new Set();
    const isNew = !topics.has(topic);
    if (isNew && topics.size >= MAX_PER_WATCHER) throw new RegistryFull();
    this.#topicsOf.set(watcher, topics.add(topic));
    const watchers = this.#byTopic.get(topic) ?? new Map<Watcher, Detail>();
    this.#byTopic.set(topic, watchers.set(watcher, detail));
    return isNew;
  }

  unwatch(topic: string, watcher: Watcher): void {
    this.#topicsOf.get(watcher)?.delete(topic);
    const watchers = this.#byTopic.get(topic);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#byTopic.delete(topic);
  }

  /** Removes the watcher from everything. */
  leave(watcher: Watcher): void {
    for (const topic of [...(this.#topicsOf.get(watcher) ?? [])]) this.unwatch(topic, watcher);
    this.#topicsOf.delete(watcher);
  }

  /** What each watcher has said about each topic. */
  all(): [Watcher, Detail][] {
    return [...this.#byTopic.values()].flatMap((watchers) => [...watchers]);
  }

  of(topic: string): [Watcher, Detail][] {
    return [...(this.#byTopic.get(topic) ?? [])];
  }
}
