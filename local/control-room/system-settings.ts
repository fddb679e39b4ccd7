// The settings of the system that is shown: those that the helper process was started with, and the addresses that its runtimes
// report, which may have been chosen at their start.

import { type Config, loadConfig } from "../../lib/config/env.ts";
import { parseHost } from "../../lib/core/host.ts";
import { Problem } from "../../lib/http/problem.ts";
import type { Runtimes } from "./runtimes.ts";

/** @throws {Problem} 409 while no runtime has reported. */
export function systemSettings(runtimes: Pick<Runtimes, "all">, env = process.env): Config {
  const known = runtimes.all();
  const { report } = known.findLast(({ state }) => state !== "down") ?? known.at(-1) ?? {};
  if (report === undefined) throw new Problem(409, "no_runtime", "No runtime has reported yet.");
  const { registry, database } = report;
  return loadConfig({
    ...env,
    NACOS_SERVER: registry.address ?? "off",
    DB_ENGINE: database.kind === "embedded" ? "embedded" : "dynamodb",
    ...addressOf(database.address),
  });
}

function addressOf(authority: string | null): { readonly DB_HOST?: string; readonly DB_PORT?: string } {
  if (authority === null) return {};
  const { hostname, port } = new URL(`http://${authority}`);
  return { DB_HOST: parseHost(hostname) ?? hostname, DB_PORT: port };
}
