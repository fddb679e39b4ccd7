// The ports of PaymentService; tests and simulations provide their own.

import type { Client } from "../../lib/contract/client.ts";
import type { Retry } from "../../lib/core/retry.ts";
import type { CursorKeys } from "../../lib/http/cursor.ts";
import type { Hint } from "../../lib/outbox/hint.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { forPeers as notifications } from "../notifications/peer-contract.ts";
import type { orders } from "../orders/contract.ts";
import type { PaymentMethod } from "./payment.ts";
import type { Provider } from "./providers/provider.ts";
import type { Sandbox } from "./providers/sandbox/sandbox.ts";

export interface PaymentPorts {
  readonly table: Table;
  /** Storage of unmatched transactions. */
  readonly unmatched: Table;
  readonly orders: Pick<Client<typeof orders>, "grantPaymentLease" | "applyPaymentEvent">;
  readonly notifications: Pick<Client<typeof notifications>, "recordEvent">;
  /** The configured providers, by method. */
  readonly providers: ReadonlyMap<PaymentMethod, Provider>;
  /** Makes the sandbox provider decide. */
  readonly decide: Sandbox["decide"];
  readonly cursorKeys: CursorKeys;
  /** Milliseconds after which an attempt ends. */
  readonly lifetime: number;
  /** Whether buyers may request refunds. */
  readonly debug: boolean;
  /** When deliveries are retried and parked; default: `DELIVERY` of lib/outbox. */
  readonly delivery?: Retry;
  now(): number;
  /** Hints to the relay that the payment `id` has an event to deliver or a refund to request. */
  readonly hint: Hint;
}
