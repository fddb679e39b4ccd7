// The messages of one order for one webhook, in the order in which they are sent: each waits until the one before was accepted or
// given up. Rules and storage.

import { derivedId } from "../../../lib/core/ids.ts";
import { iso } from "../../../lib/core/iso.ts";
import { enqueue, type Outbox, type OutboxEvent, parkedEvents, resend } from "../../../lib/outbox/outbox.ts";
import { AggregateStore, type Codec } from "../../../lib/storage/aggregate-store.ts";
import type { Bound, Table } from "../../../lib/storage/table.ts";
import { DELIVERIES_BY_WEBHOOK } from "../tables.ts";
import type { Message } from "./message.ts";

export interface Deliveries {
  readonly id: string;
  readonly webhook_id: string;
  readonly order_id: string;
  /** What is not accepted yet, by the time of the event. The first that is not parked is the next to be sent. */
  readonly outbox: Outbox<Message>;
  /** Ids of messages that were accepted, or whose webhook is gone: a repeated event does not send them again. */
  readonly done: readonly string[];
  readonly changed_at: string;
}

export type DeliveriesStore = AggregateStore<Deliveries>;

/** How long they are kept after the last change, in milliseconds: events may be repeated, and owners retry what was given up. */
const KEPT_MS = 90 * 24 * 3_600_000;

/** The id of the deliveries of an order to a webhook. */
export const deliveriesId = (webhookId: string, orderId: string): string =>
  derivedId("webhook-deliveries", webhookId, orderId);

/** None yet. */
export const noDeliveries = (webhookId: string, orderId: string, now: number): Deliveries => ({
  id: deliveriesId(webhookId, orderId),
  webhook_id: webhookId,
  order_id: orderId,
  outbox: [],
  done: [],
  changed_at: iso(now),
});

/** The message that is sent next; undefined when nothing waits. */
export const nextOf = ({ outbox }: Pick<Deliveries, "outbox">): OutboxEvent<Message> | undefined =>
  outbox.find(({ parked_at }) => parked_at === undefined);

/** Adds a message, before those of later events; returns the same when it is known. */
export function withMessage(deliveries: Deliveries, message: Message, now: number): Deliveries {
  const { outbox, done } = deliveries;
  if (done.includes(message.id) || outbox.some(({ id }) => id === message.id)) return deliveries;
  const [added] = enqueue([], message.id, message, now);
  if (added === undefined) return deliveries;
  const later = outbox.findIndex(({ payload }) => payload.timestamp > message.timestamp);
  const at = later === -1 ? outbox.length : later;
  return {
    ...deliveries,
    outbox: [...outbox.slice(0, at), added, ...outbox.slice(at)],
    changed_at: iso(now),
  };
}

/** Records that a message was accepted, or has no receiver any more. */
export const messageDone =
  (id: string, now: number) =>
  (deliveries: Deliveries): Deliveries =>
    deliveries.done.includes(id)
      ? deliveries
      : { ...deliveries, done: [...deliveries.done, id], changed_at: iso(now) };

/** Makes every message that `which` accepts due now, as if it were new; those that were accepted are not among them. */
export function retried(
  deliveries: Deliveries,
  which: (message: Message) => boolean,
  now: number,
): Deliveries {
  const chosen = deliveries.outbox.filter(({ payload }) => which(payload));
  if (chosen.length === 0) return deliveries;
  const parked = new Set(parkedEvents(chosen).map(({ id }) => id));
  const outbox = chosen.reduce(
    (all, { id }) => (parked.has(id) ? resend(all, id, now) : dueNow(all, id, now)),
    deliveries.outbox,
  );
  return { ...deliveries, outbox, changed_at: iso(now) };
}

const dueNow = (outbox: Outbox<Message>, id: string, now: number): Outbox<Message> =>
  outbox.map((event) => (event.id === id ? { ...event, next_at: iso(now) } : event));

/** Sends a message once more that was accepted. */
export const repeated = (deliveries: Deliveries, message: Message, now: number): Deliveries =>
  withMessage({ ...deliveries, done: deliveries.done.filter((id) => id !== message.id) }, message, now);

/** How many of its messages `which` accepts. */
export const countOf = ({ outbox }: Deliveries, which: (message: Message) => boolean): number =>
  outbox.filter(({ payload }) => which(payload)).length;

const codec: Codec<Deliveries> = {
  schemaVersion: 1,
  id: ({ id }) => id,
  index({ id, webhook_id, outbox }) {
    const latest = outbox.at(-1);
    return latest === undefined ? {} : { webhook: webhook_id, waiting: `${latest.payload.timestamp}#${id}` };
  },
  // Those behind the next one wait for it.
  dueAt(deliveries) {
    const next = nextOf(deliveries);
    return next === undefined ? undefined : Date.parse(next.next_at);
  },
  parked: ({ outbox }) => parkedEvents(outbox).length > 0,
  expiresOn: ({ changed_at }) => Math.floor((Date.parse(changed_at) + KEPT_MS) / 1_000),
};

/** Deliveries in `table`. */
export const deliveriesStore = (table: Table): DeliveriesStore => new AggregateStore(table, codec);

/**
 * Up to `limit` orders of a webhook that have something not accepted, the oldest first: those within `bound` of their last event, which
 * is a time as it is stored, or the `next` of the page before.
 */
export const waitingOf = (store: DeliveriesStore, webhookId: string, bound: Bound, limit: number) =>
  store.listIds({ index: DELIVERIES_BY_WEBHOOK, hash: webhookId, bound, limit });
