// Profiles that Node writes when a process ends, for flags of NODE_OPTIONS.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Profile } from "./self-times.ts";

/** Has every process write a profile into `folder`; a sample each `intervalUs`. */
export const profilingFlags = (folder: string, intervalUs: number): string =>
  `--cpu-prof --cpu-prof-dir=${folder} --cpu-prof-interval=${intervalUs}`;

/** Of the main thread of the process `pid`; undefined when it wrote none. */
export function readProfile(folder: string, pid: number): Profile | undefined {
  // `CPU.<date>.<time>.<pid>.<thread>.<number>.cpuprofile`; the main thread is 0.
  const name = readdirSync(folder).find(
    (file) => file.split(".")[3] === String(pid) && file.split(".")[4] === "0",
  );
  if (name === undefined) return undefined;
  const profile: Profile = JSON.parse(readFileSync(join(folder, name), "utf8"));
  return profile;
}
