// POST /api/notifications/webhooks/{id}/test/

import { v7 } from "uuid";
import { iso } from "../../../lib/core/iso.ts";
import { Turns } from "../../../lib/core/turns.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { TESTS_AT_ONCE } from "../webhooks/at-once.ts";
import { attempt, attemptToView, RECEIVER_MS } from "../webhooks/attempt.ts";
import { TEST_TYPE } from "../webhooks/message.ts";
import { ownWebhook } from "../webhooks/own-webhooks.ts";

const route = notifications.routes.tryWebhook;

/** Tests by webhook: each may take as long as a receiver has, and nobody sends a flood to somebody else's address. */
const tests = new Turns({ atOnce: TESTS_AT_ONCE, mostAtOnce: TESTS_AT_ONCE, small: 1, waiting: 0 });

/**
 * Sends a message to one of the caller's webhooks and waits for the reply; also to one that is switched off. It is not tried again.
 * @throws {DomainError} throttled `too_many_at_once`.
 */
export async function handle(
  { ports }: NotificationService,
  { params, user, scope }: Pick<HttpRequest<typeof route>, "params" | "user" | "scope">,
) {
  const webhook = await ownWebhook(ports.webhooks.records, user, params.id);
  const message = {
    id: `msg_${v7({})}`,
    order_id: "",
    type: TEST_TYPE,
    timestamp: iso(ports.now()),
    data: { webhook_id: webhook.id },
  } as const;
  const left = scope.deadline - performance.now();
  const made = await tests.take(
    webhook.id,
    scope.signal,
    () => attempt(ports, webhook, message, Math.min(RECEIVER_MS, left), scope),
    () => 1,
  );
  return { status: 200 as const, body: attemptToView(made) };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
