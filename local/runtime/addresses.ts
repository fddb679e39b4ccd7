// Where the services find the database, the registry and the mail server: put into the environment for handlers.

import type { Config } from "../../lib/config/env.ts";
import type { Backing } from "../backing/client.ts";
import { StartUpError } from "./start-up-error.ts";

const LOOPBACK = ["127.0.0.1", "localhost", "::1", "[::1]"];
const WILDCARD = ["0.0.0.0", "::"];

/** Writes the addresses of what the helper process runs into `env`. */
export function exportAddresses(env: NodeJS.ProcessEnv, backing: Backing): void {
  if (backing.database) {
    env["DB_HOST"] = backing.database.host;
    env["DB_PORT"] = String(backing.database.port);
  }
  if (backing.registry) env["NACOS_SERVER"] = `${backing.registry.host}:${backing.registry.port}`;
  if (backing.mail) env["SMTP_URL"] = backing.mail.smtpUrl;
}

/**
 * The host that peers are told to connect to.
 * @throws {StartUpError} for loopback in a registry of other machines, where it would name the reader's own.
 */
export function advertisedHost(config: Config): string {
  const host = config.ADVERTISE_HOST ?? (WILDCARD.includes(config.HOST) ? undefined : config.HOST);
  const registryHost = config.NACOS_SERVER.replace(/:\d+$/, "");
  if (LOOPBACK.includes(registryHost)) return host ?? "127.0.0.1";
  if (host !== undefined && !LOOPBACK.includes(host)) return host;
  throw new StartUpError(
    "advertise_host_missing",
    `The registry ${config.NACOS_SERVER} is on another machine, where ${host ?? config.HOST} says nothing. ` +
      "Set ADVERTISE_HOST in .env to this machine's address.",
  );
}

/** Where the services of this machine are asked for their health. */
export const probeHost = (config: Config): string =>
  WILDCARD.includes(config.HOST) ? "127.0.0.1" : config.HOST;
