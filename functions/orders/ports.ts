// What OrderService needs of the world outside; tests and simulations bring their own.

import type { Client } from "../../lib/contract/client.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { notifications } from "../notifications/contract.ts";

export interface OrderPorts {
  readonly table: Table;
  readonly notifications: Pick<Client<typeof notifications>, "recordEvent">;
  readonly cursorKey: Uint8Array;
  /** How long an unpaid order lives, in milliseconds. */
  readonly lifetime: number;
  /** Refusals after which an event is parked; see lib/outbox/outbox.ts for how many without it. */
  readonly outboxTries?: number;
  now(): number;
  /** Says that the order `id` owes something to others. */
  hint(id: string, traceparent: string): Promise<void>;
}
