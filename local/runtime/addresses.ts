// Puts the addresses of database, registry and mail server, and the region, into the environment of the handlers.

import type { Config } from "../../lib/config/env.ts";
import { authority } from "../../lib/core/host.ts";
import { checkAdvertised } from "../../lib/discovery/registry/advertise.ts";
import type { Helper } from "../helper/client.ts";

const WILDCARD = ["0.0.0.0", "::"];

/** Writes the addresses of the helper process's servers into `env`. */
export function exportAddresses(env: NodeJS.ProcessEnv, helper: Helper): void {
  if (helper.database) {
    env["DB_HOST"] = helper.database.host;
    env["DB_PORT"] = String(helper.database.port);
  }
  if (helper.registry) env["NACOS_SERVER"] = authority(helper.registry.host, helper.registry.port);
  if (helper.mail) env["SMTP_URL"] = helper.mail.smtpUrl;
}

/** The region that osls was given: where tables are made and found when the database is on AWS. */
export function exportRegion(env: NodeJS.ProcessEnv, region: string | undefined): void {
  if (region !== undefined) env["AWS_REGION"] = region;
}

/**
 * The host that is registered for peers to connect to.
 * @throws {LoopbackAdvertised} for an address that only this machine can reach, in a registry elsewhere.
 */
export function advertisedHost(config: Config): string {
  const host = config.ADVERTISE_HOST ?? probeHost(config);
  if (config.NACOS_SERVER !== undefined) checkAdvertised(host, config.NACOS_SERVER);
  return host;
}

/** The host at which the services are probed. */
export const probeHost = (config: Config): string =>
  WILDCARD.includes(config.HOST) ? "127.0.0.1" : config.HOST;
