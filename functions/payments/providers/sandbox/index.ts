// The sandbox provider: play money. Whoever can sign its callbacks decides about payments.

import { isStrong, MIN_SECRET_LENGTH } from "../../../../lib/config/secrets.ts";
import { optionalText } from "../../../../lib/config/setting-types.ts";
import type { ProviderEntry } from "../definition.ts";

const SECRET = "SANDBOX_SECRET";

export const sandbox: ProviderEntry<"sandbox"> = {
  method: "sandbox",
  name: "the sandbox",
  settings: {
    [SECRET]: optionalText.describe(
      "Signs the callbacks of the sandbox; empty: derived from SECRET_KEY. With DEBUG=False the sandbox is available only when this is set, to at least 32 characters.",
    ),
  },
  // No checks: it repeats its callbacks until they are accepted, and a charge that it has closed stays closed.
  checks: { whileLive: undefined, afterEnd: undefined },
  /** With DEBUG anybody may make the sandbox decide; without DEBUG only who can sign its callbacks. */
  problems(env, { debug }) {
    const secret = env[SECRET] ?? "";
    if (debug || secret === "" || isStrong(secret)) return [];
    return [`${SECRET} must have at least ${MIN_SECRET_LENGTH} characters with DEBUG=False`];
  },
  /** Play money must not buy anything real: without DEBUG the sandbox needs a secret of its own that can't be guessed. */
  offer: ({ env, debug, sandbox: provider }) => (debug || isStrong(env[SECRET] ?? "") ? provider : undefined),
};
