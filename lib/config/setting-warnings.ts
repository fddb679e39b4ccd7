// Warnings about settings that are valid but probably not intended.

import type { Config } from "./env.ts";
import { misspelt } from "./misspelt.ts";
import { looksPoor } from "./secrets.ts";

/** A line for each: `env` has a name that is nearly one of `settings`; without DEBUG, a key that is no random one. */
export function settingWarnings(
  { DEBUG, SECRET_KEY = "" }: Pick<Config, "DEBUG" | "SECRET_KEY">,
  env: NodeJS.ProcessEnv,
  settings: readonly string[],
): readonly string[] {
  const near = misspelt(Object.keys(env), settings).map(
    ({ name, meant }) => `There is no setting ${name}; is ${meant} meant?`,
  );
  if (DEBUG || !looksPoor(SECRET_KEY)) return near;
  return [
    ...near,
    "SECRET_KEY repeats few characters, so it can be guessed. openssl rand -base64 48 makes a good one.",
  ];
}
