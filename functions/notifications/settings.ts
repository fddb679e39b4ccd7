// NotificationService's own settings: how users are written to who have not said it themselves.

import * as z from "zod";
import { type Environment, invalidSettings, parseSettings } from "../../lib/config/env.ts";
import { oneOf } from "../../lib/config/setting-types.ts";
import { LOCALES } from "../../lib/core/locales.ts";

const shape = z.object({
  DEFAULT_LOCALE: oneOf(...LOCALES).default("en"),
});

/** Names of the settings; no functions of other services get them. */
export const settings: readonly string[] = Object.keys(shape.shape);

/** What is wrong with the settings, a line each. */
export const settingProblems = (env: Environment): readonly string[] => invalidSettings(shape, env);

/** The settings in `env`. @throws {ConfigError} naming each that is wrong. */
export const notificationSettings = (env: Environment): z.output<typeof shape> => parseSettings(shape, env);
