// The settings of this process, parsed once for all, and again when secrets have changed.

import { type Config, ConfigError, loadConfig } from "../config/env.ts";
import { perSettings } from "../config/per-settings.ts";
import { onLambda } from "../core/on-lambda.ts";

/** The process's settings. @throws {ConfigError} naming each that is wrong, and `DEBUG` where it must not be on. */
export const processConfig: () => Config = perSettings(() => {
  const config = loadConfig();
  if (config.DEBUG && onLambda()) throw new ConfigError(["DEBUG must be False on AWS"]);
  return config;
});
