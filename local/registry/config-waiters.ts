// Long polls that wait for one of their configurations to change.

import type { ConfigKey } from "./stored-config.ts";
import { configKey } from "./stored-config.ts";

interface Waiter {
  readonly keys: readonly ConfigKey[];
  readonly settle: (changed: readonly ConfigKey[]) => void;
}

export class ConfigWaiters {
  readonly #byKey = new Map<string, Set<Waiter>>();
  readonly #all = new Set<Waiter>();

  /** Resolves with the key that changed, or with none after `timeout` milliseconds, or when `onClose` fires. */
  wait(
    keys: readonly ConfigKey[],
    timeout: number,
    onClose: (listener: () => void) => void,
  ): Promise<readonly ConfigKey[]> {
    const { promise, resolve } = Promise.withResolvers<readonly ConfigKey[]>();
    const timer = setTimeout(() => waiter.settle([]), timeout);
    const waiter: Waiter = {
      keys,
      settle: (changed) => {
        clearTimeout(timer);
        this.#remove(waiter);
        resolve(changed);
      },
    };
    this.#add(waiter);
    onClose(() => waiter.settle([]));
    return promise;
  }

  changed(key: ConfigKey): void {
    for (const waiter of [...(this.#byKey.get(configKey(key)) ?? [])]) waiter.settle([key]);
  }

  /** Ends every wait, as after its time-out. */
  close(): void {
    for (const waiter of [...this.#all]) waiter.settle([]);
  }

  #add(waiter: Waiter): void {
    this.#all.add(waiter);
    for (const key of waiter.keys) {
      const id = configKey(key);
      const waiters = this.#byKey.get(id) ?? new Set();
      this.#byKey.set(id, waiters.add(waiter));
    }
  }

  #remove(waiter: Waiter): void {
    this.#all.delete(waiter);
    for (const key of waiter.keys) {
      const id = configKey(key);
      const waiters = this.#byKey.get(id);
      waiters?.delete(waiter);
      if (waiters?.size === 0) this.#byKey.delete(id);
    }
  }
}
