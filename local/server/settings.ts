// The settings of a server: nothing embedded, and no request without a token unless somebody asks for that.

import { loadConfig } from "../../lib/config/env.ts";
import { StartUpError } from "../shared/start-up-error.ts";

/** What a server takes for a setting that is not there. */
const DEFAULTS = { DEBUG: "False", DB_ENGINE: "dynamodb", EMBEDDED_REGISTRY: "off" };

/** What has an embedded stand-in on a laptop alone. */
const NEEDED = {
  NACOS_SERVER: "host:port of Nacos, or off with a fixed URL for each service",
  SMTP_URL: "the mail server, smtp://user:password@host:port",
};

/**
 * Completes `env`. @throws {ConfigError} for a wrong value, {@link StartUpError} where a server that has to run elsewhere is not named.
 */
export function completeServerSettings(env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(DEFAULTS)) env[name] ||= value;
  for (const [name, what] of Object.entries(NEEDED)) {
    if (!env[name]) throw new StartUpError("server_setting_missing", `${name} is not set: ${what}.`);
  }
  const { DB_ENGINE, EMBEDDED_REGISTRY } = loadConfig(env);
  if (DB_ENGINE === "embedded" || EMBEDDED_REGISTRY !== "off") {
    throw new StartUpError(
      "server_embeds_nothing",
      "A server has no embedded database and no embedded registry: set DB_ENGINE=dynamodb and EMBEDDED_REGISTRY=off, or use npm start.",
    );
  }
}
