// All routes of webhooks, for the one function that serves them on AWS.

import { sharedHandler } from "../../../lib/http/shared-function.ts";
import { notifications } from "../contract.ts";
import { handler as createWebhook } from "./create-webhook.ts";
import { handler as deleteWebhook } from "./delete-webhook.ts";
import { handler as getWebhook } from "./get-webhook.ts";
import { handler as listWebhookAttempts } from "./list-webhook-attempts.ts";
import { handler as listWebhooks } from "./list-webhooks.ts";
import { handler as retryWebhook } from "./retry-webhook.ts";
import { handler as rotateWebhookSecret } from "./rotate-webhook-secret.ts";
import { handler as tryWebhook } from "./try-webhook.ts";
import { handler as updateWebhook } from "./update-webhook.ts";

export const handler = sharedHandler(notifications, "webhooks", {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhookAttempts,
  listWebhooks,
  retryWebhook,
  rotateWebhookSecret,
  tryWebhook,
  updateWebhook,
});
