// The live settings in effect, read by handlers at each use; live-config.ts changes them.

import { loadConfig } from "./env.ts";
import { type LiveSettings, liveSettings } from "./live-schema.ts";

let current: LiveSettings | undefined;

/** The settings in effect: those of the environment, until a configuration in Nacos changes them. */
export function live(): LiveSettings {
  current ??= liveSettings(loadConfig());
  return current;
}

/** Puts `settings` into effect; undefined: those of the environment. */
export function setLive(settings: LiveSettings | undefined): void {
  current = settings;
}
