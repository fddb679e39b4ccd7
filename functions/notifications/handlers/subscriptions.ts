// All routes of push subscriptions, for the one function that serves them on AWS.

import { sharedHandler } from "../../../lib/http/shared-function.ts";
import { notifications } from "../contract.ts";
import { handler as createSubscription } from "./create-subscription.ts";
import { handler as deleteSubscription } from "./delete-subscription.ts";
import { handler as listSubscriptions } from "./list-subscriptions.ts";

export const handler = sharedHandler(notifications, "subscriptions", {
  createSubscription,
  deleteSubscription,
  listSubscriptions,
});
