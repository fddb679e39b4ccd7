// Who is told of an event by webhook: until somebody has registered one, recording an event costs nothing more.

import type { Scope } from "../../../lib/core/scope.ts";
import { hintAfter } from "../../../lib/outbox/hint.ts";
import { usedYet } from "../in-use.ts";
import type { PartyEvent } from "../peer-contract.ts";
import type { NotificationPorts } from "../ports.ts";
import { type DeliveriesStore, deliveriesId, noDeliveries, withMessage } from "./deliveries.ts";
import { type Message, messageOf } from "./message.ts";
import { getsEvent, OPERATORS } from "./webhook.ts";

type Ports = Pick<NotificationPorts, "webhooks" | "now" | "feedClocks">;

export type TellWebhooks = (event: PartyEvent, scope: Pick<Scope, "traceparent">) => Promise<void>;

/**
 * Returns a function that stores the message of an event for each webhook that gets it, and hints the relay. It is durable when
 * that returns; a repeated event has no effect.
 */
export function createTellWebhooks(store: DeliveriesStore, ports: Ports): TellWebhooks {
  const { records } = ports.webhooks;
  const inUse = usedYet(
    () => records.inUse(),
    () => ports.feedClocks.monotonic(),
  );

  async function idsFor(owners: readonly string[]): Promise<readonly string[]> {
    return (await Promise.all(owners.map((owner) => records.idsOf(owner)))).flat();
  }

  async function enqueueFor(
    webhookId: string,
    message: Message,
    scope: Pick<Scope, "traceparent">,
  ): Promise<void> {
    const now = ports.now();
    const id = deliveriesId(webhookId, message.order_id);
    const add = () => store.change(id, (known) => withMessage(known, message, now));
    const first = withMessage(noDeliveries(webhookId, message.order_id, now), message, now);
    const done =
      (await add()) ?? ((await store.create(first)) ? { state: first, changed: true } : await add());
    if (done !== undefined) await hintAfter(ports.webhooks.hint, id, done, scope);
  }

  return async (event, scope) => {
    if (!(await inUse())) return;
    const seller = event.parties.find(({ role }) => role === "seller")?.user_id;
    const ids = await idsFor(seller === undefined ? [OPERATORS] : [seller, OPERATORS]);
    const webhooks = await Promise.all(ids.map((id) => records.read(id)));
    const message = messageOf(event);
    await Promise.all(
      webhooks.map(async (webhook) => {
        if (webhook !== undefined && getsEvent(webhook, event.event, seller))
          await enqueueFor(webhook.id, message, scope);
      }),
    );
  };
}
