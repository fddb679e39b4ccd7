// Subscribers to changes of services: state without I/O. A subscriber that does not renew is removed.

import { CACHE_MILLIS } from "./list-reply.ts";
import { type ServiceId, serviceKey } from "./service-table.ts";

export interface Subscriber {
  readonly address: string;
  readonly port: number;
  readonly clusters: string;
  /** What the client calls itself, for operators. */
  readonly agent?: string | undefined;
}

/** A subscriber, with the service. */
export interface Subscription extends Subscriber {
  readonly id: ServiceId;
  readonly renewedAt: number;
}

const FORGOTTEN_AFTER_MS = 3 * CACHE_MILLIS;
const MAX_PER_SERVICE = 5_000;

export class Subscribers {
  readonly #clock: () => number;
  readonly #byService = new Map<string, Map<string, Subscription>>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Adds or renews a subscription. When there is no room for another subscriber it is ignored: the client polls anyway. */
  renew(id: ServiceId, subscriber: Subscriber): void {
    const key = serviceKey(id);
    let subscriptions = this.#byService.get(key);
    if (subscriptions === undefined) {
      if (this.#byService.size >= MAX_PER_SERVICE) return;
      subscriptions = new Map();
      this.#byService.set(key, subscriptions);
    }
    const name = `${subscriber.address} ${subscriber.port} ${subscriber.clusters}`;
    if (subscriptions.size >= MAX_PER_SERVICE && !subscriptions.has(name)) return;
    subscriptions.set(name, { ...subscriber, id, renewedAt: this.#clock() });
  }

  of(id: ServiceId): Subscription[] {
    const now = this.#clock();
    return [...(this.#byService.get(serviceKey(id))?.values() ?? [])].filter((each) => !forgotten(each, now));
  }

  /** Every subscription, of all services. */
  all(): Subscription[] {
    const now = this.#clock();
    return [...this.#byService.values()]
      .flatMap((subscriptions) => [...subscriptions.values()])
      .filter((each) => !forgotten(each, now));
  }

  sweep(): void {
    const now = this.#clock();
    for (const [service, subscriptions] of this.#byService) {
      for (const [name, subscription] of subscriptions) {
        if (forgotten(subscription, now)) subscriptions.delete(name);
      }
      if (subscriptions.size === 0) this.#byService.delete(service);
    }
  }
}

const forgotten = (subscription: Subscription, now: number): boolean =>
  now - subscription.renewedAt > FORGOTTEN_AFTER_MS;
