// POST /api/notifications/webhooks/{id}/secret/

import { conflict } from "../../../lib/core/domain-error.ts";
import { iso } from "../../../lib/core/iso.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { ownWebhook } from "../webhooks/own-webhooks.ts";
import { newSecret, OVERLAP_MS, withNewSecret } from "../webhooks/webhook.ts";

const route = notifications.routes.rotateWebhookSecret;

/**
 * Gives one of the caller's webhooks another secret. The reply alone has it.
 * @throws {DomainError} conflict `secret_changed` when another request has done so meanwhile: its reply has the valid one.
 */
export async function handle(
  { ports }: NotificationService,
  { params, user }: Pick<HttpRequest<typeof route>, "params" | "user">,
) {
  const { records } = ports.webhooks;
  const webhook = await ownWebhook(records, user, params.id);
  const now = ports.now();
  const secret = newSecret();
  if (!(await records.writeSecrets(withNewSecret(webhook, secret, now), webhook.secret)))
    throw conflict("secret_changed", "Another request has changed the secret meanwhile.");
  return { status: 200 as const, body: { secret, former_secret_until: iso(now + OVERLAP_MS) } };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
