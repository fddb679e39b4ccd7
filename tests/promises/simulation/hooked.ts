// Whether each event was sent to each webhook that gets it: as one message, after those of the same order that came before it.

import { bodyOf } from "../../../functions/notifications/webhooks/message.ts";
import { OPERATORS, type Webhook } from "../../../functions/notifications/webhooks/webhook.ts";
import type { Received } from "./hooks.ts";
import type { World } from "./world.ts";

/** An order's own events, in the order in which they can only happen. */
const STEPS: Readonly<Record<string, number>> = {
  "order.created": 0,
  "order.paid": 1,
  "order.cancelled": 1,
  "order.completed": 2,
};

/** One message at one receiver: when it came first, and when it was accepted first. */
interface Sent {
  readonly message: Received["message"];
  readonly came: number;
  /** Undefined: never. */
  readonly accepted: number | undefined;
}

/** Checks what the receivers got against what was recorded. */
export function checkWebhooks(world: World): void {
  const { hooks, commits } = world;
  for (const webhook of hooks.webhooks) {
    const got = hooks.received.filter(({ at }) => at === webhook.id);
    for (const copies of Map.groupBy(got, ({ message }) => message.id).values()) checkCopies(world, copies);
    const sent = sentIn(got);
    checkCounts(world, webhook, sent);
    for (const ofOrder of Map.groupBy(sent, ({ message }) => message.order_id).values())
      checkSequence(world, ofOrder);
  }
  for (const { outbox } of commits.deliveries.values())
    if (outbox.length > 0)
      world.broken(
        "settled",
        `messages for a webhook still wait: ${outbox.map(({ payload }) => payload.type)}`,
      );
}

/** The messages in the order in which they first came. */
function sentIn(got: readonly Received[]): readonly Sent[] {
  const sent = new Map<string, Sent>();
  for (const [at, { message, accepted }] of got.entries()) {
    const known = sent.get(message.id) ?? { message, came: at, accepted: undefined };
    sent.set(message.id, accepted && known.accepted === undefined ? { ...known, accepted: at } : known);
  }
  return [...sent.values()];
}

/** A message that is sent again is the same. */
function checkCopies(world: World, copies: readonly Received[]): void {
  const bodies = new Set(copies.map(({ message }) => bodyOf(message)));
  if (bodies.size > 1)
    world.broken("webhook", `a message comes with another content: ${[...bodies].join(" ")}`);
}

/** As many messages as there are recorded events that the webhook gets, each accepted. */
function checkCounts(world: World, webhook: Webhook, messages: readonly Sent[]): void {
  const due = dueFor(world, webhook);
  const sent = Map.groupBy(messages, ({ message }) => `${message.type} of ${message.order_id}`);
  for (const what of new Set([...due.keys(), ...sent.keys()])) {
    const recorded = due.get(what) ?? 0;
    const offered = sent.get(what) ?? [];
    if (offered.length < recorded)
      world.broken(
        "webhook",
        `${what} is recorded, and not offered to a webhook: ${offered.length} of ${recorded}`,
      );
    if (offered.length > recorded)
      world.broken("webhook", `${what} is offered under ${offered.length} ids, and recorded as ${recorded}`);
    if (offered.some(({ accepted }) => accepted === undefined))
      world.broken("webhook", `${what} is not accepted, and not offered again`);
  }
}

/** How often each event of each order was recorded: for the owner, or of the operators' for the user who has most. */
function dueFor({ commits }: World, { owner }: Webhook): ReadonlyMap<string, number> {
  const byUser = new Map<string, Map<string, number>>();
  for (const { user_id, event, related_id } of commits.notifications.values()) {
    if (owner !== OPERATORS && user_id !== owner) continue;
    const order = commits.payments.get(related_id ?? "")?.at(-1)?.state.order_id ?? related_id;
    const what = `${event} of ${order}`;
    const counts = byUser.get(user_id) ?? new Map<string, number>();
    byUser.set(user_id, counts.set(what, (counts.get(what) ?? 0) + 1));
  }
  const most = new Map<string, number>();
  for (const counts of byUser.values())
    for (const [what, count] of counts) most.set(what, Math.max(count, most.get(what) ?? 0));
  return most;
}

/** None comes before those are accepted that must have happened earlier. */
function checkSequence(world: World, sent: readonly Sent[]): void {
  const rankOf = ({ message }: Sent): number => STEPS[message.type] ?? Number.NaN;
  for (const one of sent)
    for (const other of sent)
      if (rankOf(one) < rankOf(other) && (one.accepted ?? Number.POSITIVE_INFINITY) > other.came)
        world.broken("webhook", `${other.message.type} comes before ${one.message.type} is accepted`);
}
