// What goes out of the system, said on the span that is under way: the control room lists mails, pushes and webhooks by it.

import { activeSpan } from "../../lib/observability/span.ts";
import type { SentKind, SentOutcome } from "../control-room.ts";
import type { Notification } from "./notification.ts";
import type { Message } from "./webhooks/message.ts";
import { OPERATORS, type Webhook } from "./webhooks/webhook.ts";

/** A mail or a push about `notification` is sent now; `to`: the host that takes it, `bytes`: what it is sent. */
export function notificationGoesOut(
  kind: Exclude<SentKind, "webhook">,
  { id, user_id, body, related_id }: Pick<Notification, "id" | "user_id" | "body" | "related_id">,
  { to, bytes }: { readonly to?: string; readonly bytes?: number } = {},
): void {
  activeSpan()?.set({
    "cfmp.sent.kind": kind,
    "cfmp.notification.id": id,
    "user.id": idOrNone(user_id),
    // Of a message its sender wrote what it is about.
    "cfmp.order.id": body.kind === "event" ? (body.data["order_id"] ?? related_id ?? undefined) : undefined,
    "server.address": to,
    "messaging.message.body.size": bytes,
  });
}

/** `message` is sent to `webhook` now. */
export function webhookGoesOut({ id, owner, url }: Webhook, { id: message, order_id }: Message): void {
  activeSpan()?.set({
    "cfmp.sent.kind": "webhook" satisfies SentKind,
    "cfmp.webhook.id": id,
    "cfmp.sent.message.id": message,
    "user.id": owner === OPERATORS ? undefined : idOrNone(owner),
    "cfmp.order.id": order_id === "" ? undefined : order_id,
    "server.address": new URL(url).hostname,
  });
}

/** What came of it, where the span does not fail when it fails. `status`: of the receiver's reply. */
export const wentOut = (outcome: SentOutcome, status?: number): void =>
  activeSpan()?.set({ "cfmp.sent.outcome": outcome, "cfmp.sent.status": status });

/** An identity provider may use addresses as ids. */
const idOrNone = (userId: string): string | undefined => (userId.includes("@") ? undefined : userId);
