// What the seller does with messages for their webhook.

import { notifications } from "../../../functions/notifications/contract.ts";
import { ask } from "./client.ts";
import { SELLERS_WEBHOOK } from "./hooks.ts";
import { SELLER, START } from "./terms.ts";
import type { World } from "./world.ts";

/** Sal has messages sent again: the last one that came, or all that were not accepted. */
export async function resend(world: World, n: number): Promise<void> {
  const { hooks } = world;
  if (!hooks.webhooks.some(({ id }) => id === SELLERS_WEBHOOK)) return;
  const came = hooks.received.findLast(({ at }) => at === SELLERS_WEBHOOK)?.message.id;
  const one = n % 2 === 0 && came !== undefined;
  const body = one ? { message_id: came } : { since: new Date(START).toISOString() };
  const params = { id: SELLERS_WEBHOOK };
  const { retryWebhook } = notifications.routes;
  const reply = await ask(world, SELLER, "NotificationService", retryWebhook, { params, body });
  // A message that came a moment ago may not be in the log yet.
  if (reply !== undefined && reply.status >= 400 && reply.status < 500 && reply.status !== 404)
    world.broken("webhook", `Sal may not have messages sent again: ${reply.status} ${reply.code}`);
}
