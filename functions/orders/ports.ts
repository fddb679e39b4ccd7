// The ports of OrderService; tests and simulations provide their own.

import type { Client } from "../../lib/contract/client.ts";
import type { Retry } from "../../lib/core/retry.ts";
import type { CursorKeys } from "../../lib/http/cursor.ts";
import type { Hint } from "../../lib/outbox/hint.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { forPeers as notifications } from "../notifications/peer-contract.ts";

export interface OrderPorts {
  readonly table: Table;
  readonly notifications: Pick<Client<typeof notifications>, "recordEvent">;
  readonly cursorKeys: CursorKeys;
  /** Milliseconds after which an unpaid order expires. */
  readonly lifetime: number;
  /** When deliveries are retried and parked; default: `DELIVERY` of lib/outbox. */
  readonly delivery?: Retry;
  now(): number;
  /** Hints to the relay that the order `id` has an event to deliver. */
  readonly hint: Hint;
}
