// The tables whose items carry a schema version.

import { notificationStore } from "../../functions/notifications/notification-store.ts";
import { isWatermark, watermarkStore } from "../../functions/notifications/watermark.ts";
import { orderStore } from "../../functions/orders/order-store.ts";
import { paymentStore } from "../../functions/payments/payment-store.ts";
import { chargeStore } from "../../functions/payments/providers/sandbox/sandbox.ts";
import type { Database } from "../database.ts";
import type { Target } from "./migrate.ts";

/** All of them; contacts are plain records without a version. */
export function targetsOf({ table, pages }: Pick<Database, "table" | "pages">): readonly Target[] {
  const orders = orderStore(table("orders"));
  const payments = paymentStore(table("payments"));
  const notifications = notificationStore(table("notifications"));
  const watermarks = watermarkStore(table("notifications"));
  const charges = chargeStore(table("sandbox"));
  const target = (name: string, rewrite: Target["rewrite"]): Target => ({
    name,
    rewrite,
    pages: (after) => pages(name, after),
  });
  return [
    target("orders", (id, dry) => orders.rewrite(id, dry)),
    target("payments", (id, dry) => payments.rewrite(id, dry)),
    target("notifications", (id, dry) =>
      isWatermark(id) ? watermarks.rewrite(id, dry) : notifications.rewrite(id, dry),
    ),
    target("sandbox", (id, dry) => charges.rewrite(id, dry)),
  ];
}
