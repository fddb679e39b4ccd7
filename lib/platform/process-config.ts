// The settings of this process, parsed once.

import { type Config, ConfigError, loadConfig } from "../config/env.ts";
import { onLambda } from "../core/on-lambda.ts";
import { once } from "../core/once.ts";

/** The process's settings. @throws {ConfigError} naming each that is wrong, and `DEBUG` where it must not be on. */
export const processConfig: () => Config = once(() => {
  const config = loadConfig();
  if (config.DEBUG && onLambda()) throw new ConfigError(["DEBUG must be False on AWS"]);
  return config;
});
