// Keeps the lists of watched services current: by the lists that the server sends over a connection; or it polls one service after the
// other, and at once when the server hints at a change. While no list is asked for, because no service is called, hints suffice, and
// polls only make up for lost ones.

import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../observability/log.ts";
import type { Feed, NacosNaming } from "./nacos-naming.ts";
import type { Instance, Unwatch } from "./registry.ts";
import { WatchedService } from "./watched-service.ts";

export interface NacosWatchesPorts {
  /** The API to subscribe with; a different one after the server was replaced by another version. */
  readonly naming: () => Promise<NacosNaming>;
  readonly list: (service: string) => Promise<readonly Instance[]>;
  readonly log: Log;
  readonly random: () => number;
  /** Monotonic milliseconds; by default the system's clock. */
  readonly clock?: () => number;
  /** Waits; must end when `signal` aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const realSleep = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { ref: false, signal }).catch(() => {});

/** Longest time between two polls of a service, in milliseconds. Shortened by up to a fifth at random, to spread many clients. */
const POLL_MS = 1_000;
/** The same of any service while the server sends lists, or sends hints and nobody asks for lists; so that an outage shows. */
const RESTING_POLL_MS = 5_000;
/** Within which each service is polled then, one at a time. Nacos takes a subscriber off that is silent for 10 s. */
const RESTING_ROUND_MS = 9_000;
/** Milliseconds for which a request for a list counts: callers repeat it while they make calls (`listStaleMs`). */
const ASKED_MS = 15_000;

interface Watch {
  readonly service: string;
  readonly watched: WatchedService;
  /** The API it is subscribed with; undefined before that. */
  subscribedBy: NacosNaming | undefined;
  /** What the server sends when the service changes. */
  feed: Feed;
  /** The list request in flight, and whether another has to follow it. */
  refreshing: boolean;
  refreshAgain: boolean;
}

export class NacosWatches {
  readonly #ports: Required<NacosWatchesPorts>;
  readonly #watches = new Map<string, Watch>();
  readonly #closed = new AbortController();
  #polling = false;
  /** Counts polls of one service alone. */
  #turn = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Ends the pause between two polls; undefined while there is none, or only a short one. */
  #endRest: (() => void) | undefined;

  constructor(ports: NacosWatchesPorts) {
    this.#ports = { clock: () => performance.now(), sleep: realSleep, ...ports };
  }

  /** See `Registry.list`; the listeners of the service are called with the result as well. */
  list(service: string): Promise<readonly Instance[]> {
    this.#askedAt = this.#ports.clock();
    this.#endRest?.();
    return this.#list(service);
  }

  async #list(service: string): Promise<readonly Instance[]> {
    const startedAt = this.#ports.clock();
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
      if (watch.watched.watched || this.#watches.get(service) !== watch) return;
      this.#watches.delete(service);
      watch.subscribedBy?.unsubscribe?.(service);
    };
  }

  close(): void {
    this.#closed.abort();
    this.#watches.clear();
  }

  #start(service: string): Watch {
    const watched = new WatchedService();
    const state = { subscribedBy: undefined, refreshing: false, refreshAgain: false };
    const watch: Watch = { service, watched, feed: "nothing", ...state };
    this.#watches.set(service, watch);
    void this.#refresh(watch);
    if (!this.#polling) void this.#poll();
    return watch;
  }

  /**
   * Polls one service after the other while any is watched: a slow server never gets two of these requests at once. After a rest it is the
   * turn of one of them.
   */
  async #poll(): Promise<void> {
    this.#polling = true;
    while (this.#watches.size > 0) {
      const rested = await this.#pause();
      const all = [...this.#watches.values()];
      if (rested) this.#turn += 1;
      for (const [index, watch] of all.entries())
        if (!rested || index === this.#turn % all.length) await this.#refresh(watch);
    }
    this.#polling = false;
  }

  /** Whether it was a rest, to its end. */
  async #pause(): Promise<boolean> {
    const asked = this.#ports.clock() - this.#askedAt < ASKED_MS;
    const suffices = ({ feed }: Watch) => feed === "lists" || (feed === "hints" && !asked);
    const resting = [...this.#watches.values()].every(suffices);
    const longest = resting ? Math.min(RESTING_POLL_MS, RESTING_ROUND_MS / this.#watches.size) : POLL_MS;
    const pause = longest * (1 - 0.2 * this.#ports.random());
    const over = new AbortController();
    if (resting) this.#endRest = () => over.abort();
    await this.#ports.sleep(pause, AbortSignal.any([this.#closed.signal, over.signal]));
    this.#endRest = undefined;
    return resting && !over.signal.aborted;
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
      if (this.#isOpen(watch)) await this.#list(watch.service).catch(() => this.#lost(watch));
    } while (watch.refreshAgain && this.#isOpen(watch));
    watch.refreshing = false;
  }

  async #subscribe(watch: Watch): Promise<void> {
    const { service } = watch;
    try {
      const naming = await this.#ports.naming();
      if (naming === watch.subscribedBy || !this.#isOpen(watch)) return;
      watch.subscribedBy = naming;
      watch.feed = "nothing";
      const feed = await naming.subscribe?.(service, (instances) => this.#changed(watch, instances));
      if (watch.subscribedBy === naming) watch.feed = feed ?? "nothing";
    } catch (cause) {
      watch.subscribedBy = undefined;
      this.#ports.log.debug({ err: cause, service }, "can't subscribe at the registry; polling it");
    }
  }

  #changed(watch: Watch, instances: readonly Instance[] | undefined): void {
    if (!this.#isOpen(watch)) return;
    // A request for the list that is under way was sent before: its reply may be older, and does not count.
    if (instances !== undefined) watch.watched.accept(instances, this.#ports.clock());
    else void this.#refresh(watch);
  }

  /** The server may have been restarted, and know no subscribers. */
  #lost(watch: Watch): void {
    watch.subscribedBy = undefined;
    watch.feed = "nothing";
  }

  #isOpen({ service, watched }: Watch): boolean {
    return this.#watches.get(service)?.watched === watched;
  }
}
