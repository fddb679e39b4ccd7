// Changes of services, gathered for those that push them.

import type { Service } from "./service-table.ts";

/** Milliseconds between two pushes: later changes within this time are sent as one, the first at once. */
const GAP_MS = 50;

export class ChangedServices {
  readonly #push: (service: Service) => void;
  readonly #changed = new Set<Service>();
  #pushedAt = -GAP_MS;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param push sends the present state of the service to its subscribers. */
  constructor(push: (service: Service) => void) {
    this.#push = push;
  }

  announce(service: Service): void {
    this.#changed.add(service);
    const wait = Math.max(0, this.#pushedAt + GAP_MS - performance.now());
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#pushAll(), wait);
  }

  /** From now on nothing is pushed. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #pushAll(): void {
    const services = [...this.#changed];
    this.#changed.clear();
    this.#timer = undefined;
    this.#pushedAt = performance.now();
    for (const service of services) this.#push(service);
  }
}
