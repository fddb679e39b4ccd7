// The settings of a local run: .env (already in the environment), the laptop's defaults, and what they must not be.

import { randomUUID } from "node:crypto";
import { type Config, loadConfig } from "../../lib/config/env.ts";
import { isStrong, isTemplateReference, MIN_SECRET_LENGTH } from "../../lib/config/secrets.ts";
import { isLoopback } from "../../lib/core/host.ts";
import { dataFolder } from "../shared/data-folder.ts";
import { readSecretFiles } from "../shared/secret-files.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import { readReferencedSettings } from "./referenced-settings.ts";
import { keptSecretKey } from "./secret-key.ts";

/**
 * Completes `env` for a local run, so that handlers and child processes find everything there, and returns it parsed.
 * @throws {ConfigError} for a wrong value, {@link StartUpError} for values that do not go together, or a secret that can't be read.
 */
export function prepareEnvironment(env: NodeJS.ProcessEnv): Config {
  env["IS_OFFLINE"] = "true";
  env["CFMP_INSTANCE"] = randomUUID();
  setDefault(env, "DEBUG", "True");
  setDefault(env, "NACOS_SERVER", "127.0.0.1:8848");
  setDefault(env, "DB_ENGINE", given(env, "DB_HOST") ? "dynamodb" : "embedded");
  readSecretFiles(env);
  readReferencedSettings(env);
  const config = loadConfig(env);
  if (config.DEBUG && !isLoopback(config.HOST)) {
    throw new StartUpError(
      "debug_beyond_loopback",
      `DEBUG=True takes requests without a token, so it is for loopback only, but HOST is ${config.HOST}. ` +
        "Set HOST=127.0.0.1, or DEBUG=False and a SECRET_KEY.",
    );
  }
  if (!config.DEBUG) {
    requireSecretKey(config.SECRET_KEY);
    requireFallbacks(config.SECRET_KEY_FALLBACKS);
  }
  const folder = dataFolder(config.DATA_DIR);
  env["SECRET_KEY"] = config.SECRET_KEY ?? keptSecretKey(folder);
  return loadConfig(env);
}

function requireSecretKey(key: string | undefined): void {
  const advice = `Put SECRET_KEY=<at least ${MIN_SECRET_LENGTH} random characters> in .env (openssl rand -base64 48 makes one).`;
  if (key === undefined)
    throw new StartUpError("secret_key_missing", `DEBUG=False needs a SECRET_KEY. ${advice}`);
  if (isTemplateReference(key)) {
    throw new StartUpError(
      "secret_key_reference",
      `SECRET_KEY is a reference, which only a deployment resolves: anybody could sign with this text. ${advice}`,
    );
  }
  if (!isStrong(key)) {
    throw new StartUpError("secret_key_short", `SECRET_KEY is too short for DEBUG=False. ${advice}`);
  }
}

/** A weak key lets anybody sign, whether it signs here or not. */
function requireFallbacks(keys: readonly string[]): void {
  if (keys.every(isStrong)) return;
  throw new StartUpError(
    "secret_key_short",
    `Each key of SECRET_KEY_FALLBACKS must have at least ${MIN_SECRET_LENGTH} characters with DEBUG=False, and none may be a reference.`,
  );
}

const given = (env: NodeJS.ProcessEnv, name: string): boolean => env[name] !== undefined && env[name] !== "";

function setDefault(env: NodeJS.ProcessEnv, name: string, value: string): void {
  if (!given(env, name)) env[name] = value;
}
