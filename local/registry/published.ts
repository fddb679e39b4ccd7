// What one connection keeps registered: in each service one instance, or several that were registered together.

import type { Address, Announcement } from "./instance.ts";
import { type ServiceId, type ServiceTable, serviceKey } from "./service-table.ts";

interface Publication {
  readonly id: ServiceId;
  readonly addresses: readonly Address[];
}

export class Published {
  readonly #table: ServiceTable;
  readonly #owner: string;
  readonly #byService = new Map<string, Publication>();

  /** @param owner of the instances: unlike every other connection's. */
  constructor(table: ServiceTable, owner: string) {
    this.#table = table;
    this.#owner = owner;
  }

  /**
   * Registers these instances of the service in place of those that were published before, as Nacos does for a connection.
   * @throws {RegistryFull} when there is no room for all of them; nothing is changed then.
   */
  publish(id: ServiceId, announcements: readonly Announcement[]): void {
    const before = this.#byService.get(serviceKey(id))?.addresses ?? [];
    this.#table.replace(id, before, announcements, this.#owner);
    if (announcements.length === 0) this.#byService.delete(serviceKey(id));
    else this.#byService.set(serviceKey(id), { id, addresses: announcements });
  }

  /** Deregisters what was published in the service. What another has registered at the same address stays. */
  withdraw(id: ServiceId): void {
    this.publish(id, []);
  }

  /** Deregisters all. */
  withdrawAll(): void {
    for (const { id } of [...this.#byService.values()]) this.withdraw(id);
  }
}
