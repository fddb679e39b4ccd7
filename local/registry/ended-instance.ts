// Takes out what a process had registered that has ended: nobody needs to wait until its heartbeats are missed, or until its
// connection, which a paused sidecar may still hold, is given up.

import type { ServiceTable } from "./service-table.ts";

/** The connections by which instances are registered. */
export interface Connections {
  /** Ends the connection, and with it what it has registered. Unknown ids are ignored. */
  end(id: string, why: string): void;
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
