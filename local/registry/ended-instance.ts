// What a process had registered that has ended: it is taken out at once, instead of when its heartbeats are missed, or when its
// connection, which a paused sidecar may still hold, is given up; and it is not registered again by what was under way.

import type { Announcement } from "./instance.ts";
import type { ServiceTable } from "./service-table.ts";

/** The connections by which instances are registered. */
export interface Connections {
  /** Ends the connection, and with it what it has registered. Unknown ids are ignored. */
  end(id: string, why: string): void;
}

/** Most ids that are remembered, the latest ones. Each process has another one. */
const MAX_REMEMBERED = 1_000;

/** The `instance` ids of processes that have ended. */
export class EndedInstances {
  readonly #ids = new Set<string>();

  add(instance: string): void {
    this.#ids.delete(instance);
    this.#ids.add(instance);
    const [oldest] = this.#ids;
    if (oldest !== undefined && this.#ids.size > MAX_REMEMBERED) this.#ids.delete(oldest);
  }

  /** Its process lives after all: it had only lost its lease. */
  delete(instance: string): void {
    this.#ids.delete(instance);
  }

  /** Whether this is an ephemeral instance of a process that has ended: a heartbeat or a paused sidecar may still announce it. */
  has({ ephemeral, metadata }: Pick<Announcement, "ephemeral" | "metadata">): boolean {
    return ephemeral && this.#ids.has(metadata["instance"] ?? "");
  }
}

/**
 * Takes out every ephemeral instance whose own metadata have this `instance` id; an operator's metadata do not count. Its connection
 * is ended, not only its registration: if the process should live after all, its client registers it again, as heartbeats do.
 */
export function takeOut(instance: string, table: ServiceTable, connections: Connections): void {
  for (const { id, instances } of table.services())
    for (const { registrations } of [...instances.values()])
      for (const { announced, owner } of registrations) {
        if (!announced.ephemeral || announced.metadata["instance"] !== instance) continue;
        if (owner === undefined) table.deregister(id, announced);
        else connections.end(owner, `instance ${instance} has ended`);
      }
}
