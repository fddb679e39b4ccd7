// All routes of preferences, links to unsubscribe among them, for the one function that serves them on AWS.

import { sharedHandler } from "../../../lib/http/shared-function.ts";
import { notifications } from "../contract.ts";
import { handler as confirmUnsubscribe } from "./confirm-unsubscribe.ts";
import { handler as getPreferences } from "./get-preferences.ts";
import { handler as unsubscribe } from "./unsubscribe.ts";
import { handler as updatePreferences } from "./update-preferences.ts";

export const handler = sharedHandler(notifications, "preferences", {
  confirmUnsubscribe,
  getPreferences,
  unsubscribe,
  updatePreferences,
});
