// A notification of tests: of one of an order's parties, delivered in the application and nowhere else.

import type { Notification } from "../../functions/notifications/notification.ts";

export const testNotice = (
  given: Pick<Notification, "id" | "user_id" | "event" | "related_id" | "created_at">,
): Notification => ({
  type: "transaction",
  body: { kind: "text", title: "", content: "" },
  channels: { in_app: "delivered" },
  read_at: null,
  arrived_at: given.created_at,
  deleted_at: null,
  fingerprint: "",
  outbox: [],
  ...given,
});
