// Warnings about settings that are valid but probably not intended.

import type { Config } from "./env.ts";
import { misspelt } from "./misspelt.ts";
import { looksPoor } from "./secrets.ts";

/** A line for each: `env` has a name that is nearly one of `settings`; without DEBUG, a key that is no random one, and a port of a control room. */
export function settingWarnings(
  {
    DEBUG,
    SECRET_KEY = "",
    CONTROL_ROOM_PORT,
  }: Pick<Config, "DEBUG" | "SECRET_KEY"> & Partial<Pick<Config, "CONTROL_ROOM_PORT">>,
  env: NodeJS.ProcessEnv,
  settings: readonly string[],
): readonly string[] {
  const near = misspelt(Object.keys(env), settings).map(
    ({ name, meant }) => `There is no setting ${name}; is ${meant} meant?`,
  );
  if (DEBUG) return near;
  const poor =
    "SECRET_KEY repeats few characters, so it can be guessed. openssl rand -base64 48 makes a good one.";
  const unused = `CONTROL_ROOM_PORT is ${CONTROL_ROOM_PORT}, but there is a control room with DEBUG=True only.`;
  return [
    ...near,
    ...(looksPoor(SECRET_KEY) ? [poor] : []),
    ...(CONTROL_ROOM_PORT === undefined ? [] : [unused]),
  ];
}
