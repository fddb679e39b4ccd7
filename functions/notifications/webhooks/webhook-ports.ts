// The ports of webhooks; tests and simulations provide their own.

import type { Hint } from "../../../lib/outbox/hint.ts";
import type { Table } from "../../../lib/storage/table.ts";
import type { DeliveryLog } from "./delivery-log.ts";
import type { Message } from "./message.ts";
import type { WebhookRecords } from "./webhook-records.ts";

/** What came of an attempt. */
export interface Answer {
  /** The HTTP status; null when there was no reply, and `reason` says why, without any address. */
  readonly status: number | null;
  readonly reason: string | null;
  /** The beginning of the reply's body, readable. */
  readonly reply: string;
  readonly duration_ms: number;
  /** Milliseconds that the receiver asks to wait. */
  readonly retryAfter?: number;
}

export interface WebhookSender {
  /** Sends the message, signed with each of `secrets`; it takes `timeoutMs` at the most, and waits for no other webhook's. */
  send(
    to: { readonly id: string; readonly url: string; readonly secrets: readonly string[] },
    message: Message,
    timeoutMs: number,
  ): Promise<Answer>;
}

export interface WebhookPorts {
  readonly records: WebhookRecords;
  readonly log: DeliveryLog;
  /** Of deliveries. */
  readonly table: Table;
  readonly sender: WebhookSender;
  /** Whether webhooks may be anywhere, and by http, as on a developer's machine. */
  readonly anywhere: boolean;
  /** Hints to the relay that the deliveries with this id have a message to send. */
  readonly hint: Hint;
}
