// What one connection keeps registered: in each service one instance, or several that were registered together.

import { type Address, type Announcement, addressKey } from "./instance.ts";
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
   * @throws {RegistryFull} when there is no room for all of them; what was published before then stays.
   */
  publish(id: ServiceId, announcements: readonly Announcement[]): void {
    const before = this.#byService.get(serviceKey(id))?.addresses ?? [];
    try {
      for (const announced of announcements) this.#table.register(id, announced, this.#owner);
    } catch (error) {
      this.#release(id, announcements, before);
      throw error;
    }
    this.#release(id, before, announcements);
    if (announcements.length === 0) this.#byService.delete(serviceKey(id));
    else this.#byService.set(serviceKey(id), { id, addresses: announcements });
  }

  /** Deregisters what was published in the service. An address that another has registered since stays. */
  withdraw(id: ServiceId): void {
    this.publish(id, []);
  }

  /** Deregisters all. */
  withdrawAll(): void {
    for (const { id } of [...this.#byService.values()]) this.withdraw(id);
  }

  #release(id: ServiceId, addresses: readonly Address[], except: readonly Address[]): void {
    const kept = new Set(except.map(addressKey));
    for (const address of addresses) {
      if (!kept.has(addressKey(address))) this.#table.release(id, address, this.#owner);
    }
  }
}
