// All settings that are read from environment variables.

import { ConfigError, configProblems, type Environment, loadConfig, SETTINGS } from "../lib/config/env.ts";
import { serviceSettingProblems, serviceSettings } from "../lib/config/service-settings.ts";
import { services } from "./services.ts";

/** Names of all settings: the system's and each service's own. */
export const settingNames: readonly string[] = [
  ...SETTINGS,
  ...serviceSettings(services),
  ...services.flatMap(({ settings }) => settings?.names ?? []),
];

/** Checks the services' own settings. @throws {ConfigError} naming each that is wrong or missing. */
export function requireServiceSettings(env: Environment): void {
  const { DEBUG } = loadConfig(env);
  const problems = ownProblems(env, DEBUG);
  if (problems.length > 0) throw new ConfigError(problems);
}

/** What is wrong with the settings of a system with DEBUG=False: lines that begin with the setting's name. */
export const settingProblems = (env: Environment): readonly string[] => [
  ...configProblems({ ...env, DEBUG: "False" }),
  ...serviceSettingProblems(services, env),
  ...ownProblems(env, false),
];

const ownProblems = (env: Environment, debug: boolean): readonly string[] =>
  services.flatMap(({ settings }) => settings?.problems(env, debug) ?? []);
