// What people see at the end: their own, all of it, and nothing else.

import { notifications } from "../../../functions/notifications/contract.ts";
import { orders } from "../../../functions/orders/contract.ts";
import { payments } from "../../../functions/payments/contract.ts";
import { ask } from "./client.ts";
import { orderIn } from "./replies.ts";
import type { SimulatedSystem } from "./simulated-system.ts";
import { BUYERS, SELLER, type UserName } from "./terms.ts";

const ALL = "limit=100";

/** Reads every list, and each order, as everyone who takes part; holds them to what was committed. */
export async function checkVisible(world: SimulatedSystem): Promise<void> {
  const { commits } = world;
  const last = [...commits.orders.values()].flatMap((states) => states.at(-1)?.state ?? []);
  const shown = last.filter((order) => order.deleted_at === null);
  const paid = [...commits.payments.values()].flatMap((states) => states.at(-1)?.state ?? []);
  const existing = [...commits.notifications.values()].filter(({ deleted_at }) => deleted_at === null);
  const waiting: Promise<void>[] = [];
  const buyers = BUYERS.filter((user) => last.some((order) => order.buyer_id === user));
  for (const user of [...buyers, SELLER, "eve"] as const) {
    const own = shown.filter((order) => (user === SELLER ? order.seller_id : order.buyer_id) === user);
    const query = `${ALL}&role=${user === SELLER ? "seller" : "buyer"}`;
    const ofUser = existing.filter(({ user_id }) => user_id === user);
    waiting.push(
      listed(world, user, "OrderService", orders.routes.listOrders, query, own),
      listed(world, user, "NotificationService", notifications.routes.listNotifications, ALL, ofUser),
    );
  }
  for (const user of buyers) {
    const own = paid.filter(({ user_id }) => user_id === user);
    waiting.push(listed(world, user, "PaymentService", payments.routes.listPayments, ALL, own));
  }
  for (const order of last) {
    for (const user of [order.buyer_id === "ann" ? "ann" : "bob", "eve"] as const)
      waiting.push(read(world, user, order));
  }
  await world.scheduler.run();
  await Promise.all(waiting);
}

async function listed(
  world: SimulatedSystem,
  user: UserName,
  service: Parameters<typeof ask>[2],
  route: Parameters<typeof ask>[3],
  query: string,
  own: readonly { readonly id: string }[],
): Promise<void> {
  const reply = await ask(world, user, service, route, { query });
  const items: { id: string }[] = reply?.status === 200 ? JSON.parse(reply.text).items : [];
  const seen = items
    .map(({ id }) => id)
    .sort()
    .join(" ");
  const due = own
    .map(({ id }) => id)
    .sort()
    .join(" ");
  if (seen === due) return;
  const hidden = own.some(({ id }) => !seen.includes(id));
  world.broken(
    hidden ? "durable" : "private",
    `${user} sees ${seen || "nothing"} by ${route.id}, not ${due || "nothing"}`,
  );
}

async function read(
  world: SimulatedSystem,
  user: UserName,
  order: { id: string; buyer_id: string; deleted_at: string | null },
) {
  const reply = await ask(world, user, "OrderService", orders.routes.getOrder, { params: { id: order.id } });
  if (reply?.status === 200) orderIn(world, user, reply);
  const wanted = user === order.buyer_id && order.deleted_at === null ? 200 : 404;
  if (reply?.status !== wanted)
    world.broken(
      wanted === 200 ? "durable" : "private",
      `${user} reads order ${order.id}: ${reply?.status}, not ${wanted}`,
    );
}
