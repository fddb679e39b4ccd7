// The sandbox: play money, decided upon by whoever may sign its callbacks.

import { isStrong, MIN_SECRET_LENGTH } from "../../../../lib/config/secrets.ts";
import { optionalText } from "../../../../lib/config/setting-types.ts";
import type { ProviderEntry } from "../definition.ts";

const SECRET = "SANDBOX_SECRET";

export const sandbox: ProviderEntry<"sandbox"> = {
  method: "sandbox",
  name: "the sandbox",
  settings: {
    [SECRET]: optionalText.describe(
      "Signs the callbacks of the sandbox; empty: derived from SECRET_KEY. With DEBUG=False the sandbox is offered when this is set, to at least 32 characters.",
    ),
  },
  // It repeats its callbacks until they are taken, and keeps closed what it has closed.
  checks: { whileLive: undefined, afterEnd: undefined },
  /** With DEBUG anybody may tell the sandbox what to do; without it, who can sign its callbacks. */
  problems(env, { debug }) {
    const secret = env[SECRET] ?? "";
    if (debug || secret === "" || isStrong(secret)) return [];
    return [`${SECRET} must have at least ${MIN_SECRET_LENGTH} characters with DEBUG=False`];
  },
  /** Play money must not buy anything real: outside DEBUG only who sets a secret for it gets it, and not one that can be guessed. */
  offer: ({ env, debug, sandbox: provider }) => (debug || isStrong(env[SECRET] ?? "") ? provider : undefined),
};
