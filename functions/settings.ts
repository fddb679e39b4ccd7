// Everything that can be set in the environment.

import { SETTINGS } from "../lib/config/env.ts";
import { serviceSettings } from "../lib/config/service-settings.ts";
import { services } from "./services.ts";

/** Names of all settings: those of the system, and those of each service. */
export const settingNames: readonly string[] = [...SETTINGS, ...serviceSettings(services)];
