// What handlers of one process share: settings and tokens. Made at the first request, from the environment.

import { createTokens, type Tokens } from "../auth/tokens.ts";
import { type Config, ConfigError, loadConfig } from "../config/env.ts";

export interface Platform {
  readonly config: Config;
  readonly secret: string;
  readonly tokens: Tokens;
}

let shared: Platform | undefined;

/** The process's settings. @throws {ConfigError} when `SECRET_KEY` is missing or `DEBUG` is on where it must not be. */
export function platform(): Platform {
  shared ??= createPlatform(loadConfig());
  return shared;
}

/** As {@link platform}, from given settings. */
export function createPlatform(config: Config): Platform {
  const secret = config.SECRET_KEY;
  if (secret === undefined) throw new ConfigError(["SECRET_KEY is missing"]);
  if (
    config.DEBUG &&
    process.env["AWS_LAMBDA_FUNCTION_NAME"] !== undefined &&
    process.env["IS_OFFLINE"] === undefined
  ) {
    throw new ConfigError(["DEBUG must be False on AWS"]);
  }
  return { config, secret, tokens: createTokens({ ...config, SECRET_KEY: secret }) };
}
