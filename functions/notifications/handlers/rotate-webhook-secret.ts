// POST /api/notifications/webhooks/{id}/secret/

import { conflict } from "../../../lib/core/domain-error.ts";
import { derivedId } from "../../../lib/core/ids.ts";
import { iso } from "../../../lib/core/iso.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { REPLAYED } from "../../../lib/http/reply.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { ownWebhook } from "../webhooks/own-webhooks.ts";
import { newSecret, OVERLAP_MS, type Webhook, withNewSecret } from "../webhooks/webhook.ts";

type Keyed = Partial<Pick<HttpRequest<typeof route>, "idempotencyKey">>;

const route = notifications.routes.rotateWebhookSecret;

/**
 * Gives one of the caller's webhooks another secret. The reply alone has it, and those to the same request with the same
 * `Idempotency-Key`.
 * @throws {DomainError} conflict `secret_changed` when another request has done so meanwhile: its reply has the valid one.
 */
export async function handle(
  { ports }: NotificationService,
  { params, user, idempotencyKey }: Pick<HttpRequest<typeof route>, "params" | "user"> & Keyed,
) {
  const { records } = ports.webhooks;
  const rotation =
    idempotencyKey === undefined ? undefined : derivedId(user.id, route.id, params.id, idempotencyKey);
  const webhook = await ownWebhook(records, user, params.id);
  const earlier = replayOf(webhook, rotation);
  if (earlier !== undefined) return earlier;
  const now = ports.now();
  const secret = newSecret();
  if (await records.writeSecrets(withNewSecret(webhook, secret, now, rotation), webhook.secret))
    return { status: 200 as const, body: { secret, former_secret_until: iso(now + OVERLAP_MS) } };
  // By the same request, perhaps.
  const changed = replayOf(await ownWebhook(records, user, params.id), rotation);
  if (changed !== undefined) return changed;
  throw secretChanged();
}

/** The reply to the request `rotation`, if it has changed the secret already. @throws {DomainError} conflict when another one has since. */
function replayOf({ secret, previous, rotations = [] }: Webhook, rotation: string | undefined) {
  if (rotation === undefined || previous === undefined || !rotations.includes(rotation)) return undefined;
  if (rotations.at(-1) !== rotation) throw secretChanged();
  return {
    status: 200 as const,
    body: { secret, former_secret_until: previous.until },
    headers: REPLAYED,
  };
}

const secretChanged = () => conflict("secret_changed", "Another request has changed the secret meanwhile.");

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
