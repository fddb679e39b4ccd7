// What OrderService needs of the world outside; tests and simulations bring their own.

import type { Client } from "../../lib/contract/client.ts";
import type { Retry } from "../../lib/core/retry.ts";
import type { Hint } from "../../lib/outbox/hint.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { notifications } from "../notifications/contract.ts";

export interface OrderPorts {
  readonly table: Table;
  readonly notifications: Pick<Client<typeof notifications>, "recordEvent">;
  readonly cursorKey: Uint8Array;
  /** How long an unpaid order lives, in milliseconds. */
  readonly lifetime: number;
  /** When a delivery is tried again and given up; `DELIVERY` of lib/outbox when left out. */
  readonly delivery?: Retry;
  now(): number;
  /** Says that the order `id` has an event to deliver. */
  readonly hint: Hint;
}
