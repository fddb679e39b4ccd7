// The settings of this moment, read by handlers at each use; live-config.ts changes them.

import { loadConfig } from "./env.ts";
import { type LiveSettings, liveSettings } from "./live-schema.ts";

let current: LiveSettings | undefined;

/** The settings that count now: those of the environment, until a configuration in Nacos says otherwise. */
export function live(): LiveSettings {
  current ??= liveSettings(loadConfig());
  return current;
}

/** Lets `settings` count from now on; none: those of the environment. */
export function setLive(settings: LiveSettings | undefined): void {
  current = settings;
}
