// What PaymentService needs of the world outside; tests and simulations bring their own.

import type { Client } from "../../lib/contract/client.ts";
import type { Retry } from "../../lib/core/retry.ts";
import type { Hint } from "../../lib/outbox/hint.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { notifications } from "../notifications/contract.ts";
import type { orders } from "../orders/contract.ts";
import type { PaymentMethod } from "./payment.ts";
import type { Provider } from "./providers/provider.ts";
import type { Sandbox } from "./providers/sandbox/sandbox.ts";

export interface PaymentPorts {
  readonly table: Table;
  /** Where reports of money are kept that no payment takes. */
  readonly unmatched: Table;
  readonly orders: Pick<Client<typeof orders>, "grantPaymentLease" | "applyPaymentEvent">;
  readonly notifications: Pick<Client<typeof notifications>, "recordEvent">;
  /** The providers that may be used here. */
  readonly providers: ReadonlyMap<PaymentMethod, Provider>;
  /** Makes the sandbox provider decide. */
  readonly decide: Sandbox["decide"];
  readonly cursorKey: Uint8Array;
  /** How long an attempt lives, in milliseconds. */
  readonly lifetime: number;
  /** Whether a buyer may ask for a refund. */
  readonly debug: boolean;
  /** When a delivery is tried again and given up; `DELIVERY` of lib/outbox when left out. */
  readonly delivery?: Retry;
  now(): number;
  /** Says that the payment `id` has an event to deliver, or a refund to ask for. */
  readonly hint: Hint;
}
