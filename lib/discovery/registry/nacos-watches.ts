// Keeps the lists of watched services current: polls one service after the other, and at once when the server hints at a change.

import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../observability/log.ts";
import type { NacosNaming } from "./nacos-naming.ts";
import type { Instance, Unwatch } from "./registry.ts";
import { WatchedService } from "./watched-service.ts";

export interface NacosWatchesPorts {
  /** The API to subscribe with; a different one after the server was replaced by another version. */
  readonly naming: () => Promise<NacosNaming>;
  readonly list: (service: string) => Promise<readonly Instance[]>;
  readonly log: Log;
  readonly random: () => number;
}

/** Longest time between two polls of a service, in milliseconds. Shortened by up to a fifth at random, to spread many clients. */
const POLL_MS = 1_000;

interface Watch {
  readonly service: string;
  readonly watched: WatchedService;
  /** The API it is subscribed with; undefined before that. */
  subscribedBy: NacosNaming | undefined;
  /** The list request in flight, and whether another has to follow it. */
  refreshing: boolean;
  refreshAgain: boolean;
}

export class NacosWatches {
  readonly #ports: NacosWatchesPorts;
  readonly #watches = new Map<string, Watch>();
  readonly #closed = new AbortController();
  #polling = false;

  constructor(ports: NacosWatchesPorts) {
    this.#ports = ports;
  }

  /** See `Registry.list`; the listeners of the service are called with the result as well. */
  async list(service: string): Promise<readonly Instance[]> {
    const startedAt = performance.now();
    const instances = await this.#ports.list(service);
    this.#watches.get(service)?.watched.accept(instances, startedAt);
    return instances;
  }

  /** See `Registry.watch`. A service without listeners is not polled. */
  watch(service: string, onChange: (instances: readonly Instance[]) => void): Unwatch {
    const watch = this.#watches.get(service) ?? this.#start(service);
    const remove = watch.watched.add(onChange);
    return () => {
      remove();
      if (!watch.watched.watched && this.#watches.get(service) === watch) this.#watches.delete(service);
    };
  }

  close(): void {
    this.#closed.abort();
    this.#watches.clear();
  }

  #start(service: string): Watch {
    const watched = new WatchedService();
    const watch = { service, watched, subscribedBy: undefined, refreshing: false, refreshAgain: false };
    this.#watches.set(service, watch);
    void this.#refresh(watch);
    if (!this.#polling) void this.#poll();
    return watch;
  }

  /** Polls one service after the other while any is watched: a slow server never gets two of these requests at once. */
  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#watches.size > 0) {
      const pause = POLL_MS * (1 - 0.2 * this.#ports.random());
      await sleep(pause, undefined, { ref: false, signal: this.#closed.signal }).catch(() => {});
      for (const watch of [...this.#watches.values()]) await this.#refresh(watch);
    }
    this.#polling = false;
  }

  async #refresh(watch: Watch): Promise<void> {
    if (watch.refreshing) {
      watch.refreshAgain = true;
      return;
    }
    watch.refreshing = true;
    do {
      watch.refreshAgain = false;
      await this.#subscribe(watch);
      // The next poll gets what this one missed, and the transport logs that the registry does not answer.
      if (this.#isOpen(watch)) await this.list(watch.service).catch(() => {});
    } while (watch.refreshAgain && this.#isOpen(watch));
    watch.refreshing = false;
  }

  async #subscribe(watch: Watch): Promise<void> {
    const { service } = watch;
    try {
      const naming = await this.#ports.naming();
      if (naming === watch.subscribedBy || !this.#isOpen(watch)) return;
      watch.subscribedBy = naming;
      const hint = () => void (this.#isOpen(watch) && this.#refresh(watch));
      await naming.subscribe?.(service, hint);
    } catch (cause) {
      this.#ports.log.debug({ err: cause, service }, "can't subscribe at the registry; polling it");
    }
  }

  #isOpen({ service, watched }: Watch): boolean {
    return this.#watches.get(service)?.watched === watched;
  }
}
