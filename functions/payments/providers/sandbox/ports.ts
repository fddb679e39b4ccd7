// What the sandbox provider needs of the world outside.

import type { Retry } from "../../../../lib/core/retry.ts";
import type { CallPeer } from "../../../../lib/discovery/peer/peer.ts";
import type { Hint } from "../../../../lib/outbox/hint.ts";
import type { Table } from "../../../../lib/storage/table.ts";

export interface SandboxPorts {
  readonly table: Table;
  /** Keys of its callbacks: the first signs, all are accepted. */
  readonly secrets: readonly [string, ...string[]];
  /** Reaches PaymentService as any provider would: from outside. */
  readonly call: CallPeer;
  /** When a delivery is tried again and given up; `DELIVERY` of lib/outbox when left out. */
  readonly delivery?: Retry;
  now(): number;
  /** Says that the charge, by its reference, has a callback to be sent. */
  readonly hint: Hint;
}
