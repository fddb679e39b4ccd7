// Webhooks in a simulation: a seller's and the operators', and what their receivers got.

import { EVENTS } from "../../../functions/events.ts";
import type { Message } from "../../../functions/notifications/webhooks/message.ts";
import { OPERATORS, type Webhook } from "../../../functions/notifications/webhooks/webhook.ts";
import { memoryDeliveryLog, memoryWebhookRecords } from "../../support/memory-webhooks.ts";
import { SELLER, START } from "./terms.ts";

/** A message as it came. */
export interface Received {
  /** The id of the webhook. */
  readonly at: string;
  readonly message: Message;
  /** Whether the receiver answered 2xx, although the answer may be lost. */
  readonly accepted: boolean;
}

const webhookOf = (owner: string, id: string): Webhook => ({
  id,
  owner,
  url: `https://${id}.example/`,
  events: EVENTS,
  secret: `whsec_${id}`,
  created_at: new Date(START).toISOString(),
  failures: 0,
});

/** Sal's webhook. */
export const SELLERS_WEBHOOK = "018f0000-0000-7000-8000-00000000005a";
const OPERATORS_WEBHOOK = "018f0000-0000-7000-8000-0000000000a1";

export class Hooks {
  readonly records = memoryWebhookRecords();
  readonly log = memoryDeliveryLog();
  readonly webhooks: readonly Webhook[];
  readonly received: Received[] = [];

  constructor(seller: boolean, operators: boolean) {
    this.webhooks = [
      ...(seller ? [webhookOf(SELLER, SELLERS_WEBHOOK)] : []),
      ...(operators ? [webhookOf(OPERATORS, OPERATORS_WEBHOOK)] : []),
    ];
    for (const webhook of this.webhooks) this.records.kept.set(webhook.id, webhook);
    if (this.webhooks.length > 0) void this.records.setInUse();
  }
}
