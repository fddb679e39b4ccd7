// What the sandbox provider needs of the world outside.

import type { CallPeer } from "../../../../lib/discovery/peer/peer.ts";
import type { Table } from "../../../../lib/storage/table.ts";

export interface SandboxPorts {
  readonly table: Table;
  /** Key its callbacks are signed with. */
  readonly secret: string;
  /** Reaches PaymentService as any provider would: from outside. */
  readonly call: CallPeer;
  /** Refusals after which a callback is parked; see lib/outbox/outbox.ts for how many without it. */
  readonly outboxTries?: number;
  now(): number;
  /** Says that the charge `reference` owes a callback. */
  hint(reference: string, traceparent: string): Promise<void>;
}
