// Retrying by hand: one message, or all that were not accepted since a time.

import { conflict, notFound } from "../../../lib/core/domain-error.ts";
import { iso } from "../../../lib/core/iso.ts";
import type { Scope } from "../../../lib/core/scope.ts";
import type { Bound } from "../../../lib/storage/table.ts";
import type { NotificationPorts } from "../ports.ts";
import {
  countOf,
  type DeliveriesStore,
  deliveriesId,
  noDeliveries,
  repeated,
  retried,
  waitingOf,
} from "./deliveries.ts";
import { type Message, TEST_TYPE } from "./message.ts";
import type { Webhook } from "./webhook.ts";
import type { WebhookPorts } from "./webhook-ports.ts";

export interface RetrySources {
  readonly ports: Pick<NotificationPorts, "now"> & {
    readonly webhooks: Pick<WebhookPorts, "records" | "log" | "hint">;
  };
  readonly deliveries: DeliveriesStore;
}

/** Orders whose messages one request retries at most. */
const MOST_ORDERS = 100;

export interface Retried {
  /** Number of messages that are sent again. */
  readonly retried: number;
  /** The time from which to continue, when there are more; else null. */
  readonly continue_since: string | null;
}

/** Sends one message of the log again, also one that was accepted. @throws {DomainError} not found when the log does not have it. */
export async function retryOne(
  sources: RetrySources,
  webhook: Webhook,
  messageId: string,
  scope: Scope,
): Promise<Retried> {
  await ready(sources, webhook);
  const { ports, deliveries } = sources;
  const attempts = await ports.webhooks.log.of(webhook.id);
  const message = attempts.find(({ message }) => message.id === messageId)?.message;
  if (message === undefined || message.type === TEST_TYPE) throw notFound("message in the log");
  const id = deliveriesId(webhook.id, message.order_id);
  const isIt = (one: Message) => one.id === messageId;
  const now = ports.now();
  const done = await deliveries.change(id, (state) =>
    countOf(state, isIt) > 0 ? retried(state, isIt, now) : repeated(state, message, now),
  );
  // They are forgotten some time after the last one.
  if (done === undefined)
    await deliveries.create(repeated(noDeliveries(webhook.id, message.order_id, now), message, now));
  await ports.webhooks.hint(id, scope.traceparent);
  return { retried: 1, continue_since: null };
}

/**
 * Sends again what was not accepted of the events since `since` (RFC 3339): what was given up, and what waits for its next try. Where more
 * orders than one request retries have their last event in the same millisecond as `since`, it retries all of those, since who continues
 * from that time would get the same ones again.
 */
export async function retrySince(
  sources: RetrySources,
  webhook: Webhook,
  since: string,
  scope: Scope,
): Promise<Retried> {
  await ready(sources, webhook);
  const { ports, deliveries } = sources;
  // As timestamps are stored: they are compared as texts.
  const from = iso(Date.parse(since));
  const now = ports.now();
  const isLater = ({ timestamp }: Message) => timestamp >= from;
  let count = 0;
  let bound: Bound = { ">=": from };
  for (;;) {
    const { items, next } = await waitingOf(deliveries, webhook.id, bound, MOST_ORDERS);
    for (const id of items) {
      const done = await deliveries.change(id, (state) => retried(state, isLater, now));
      if (done?.changed !== true) continue;
      count += countOf(done.state, isLater);
      await ports.webhooks.hint(id, scope.traceparent);
    }
    if (next === undefined) return { retried: count, continue_since: null };
    const [stopped = from] = next.split("#");
    if (stopped !== from) return { retried: count, continue_since: stopped };
    bound = { ">": next };
  }
}

/** Its owner says that it works again. @throws {DomainError} conflict `webhook_disabled`. */
async function ready({ ports }: RetrySources, webhook: Webhook): Promise<void> {
  if (webhook.disabled !== undefined)
    throw conflict("webhook_disabled", "The webhook is switched off; switch it on first.");
  if (webhook.failures > 0) await ports.webhooks.records.writeCircuit(webhook, { failures: 0 });
}
