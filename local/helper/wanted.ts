// Which of the backing services a configuration leaves to us.

import type { Config } from "../../lib/config/env.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import type { Services } from "./protocol.ts";

const loopback = ["127.0.0.1", "localhost", "::1", "[::1]"];

/**
 * The embedded database for DB_ENGINE=embedded, the registry if NACOS_SERVER is this machine (unless
 * EMBEDDED_REGISTRY=off), the mail catcher without an SMTP_URL.
 * @throws {StartUpError} if DB_HOST puts the embedded database, which checks no passwords, on another interface.
 */
export function wantedServices(config: Config): Services {
  const [, name = "", port = "8848"] = /^(.*?)(?::(\d+))?$/.exec(config.NACOS_SERVER ?? "") ?? [];
  return {
    ...(config.DB_ENGINE === "embedded" ? { database: databaseAddress(config) } : {}),
    ...(config.EMBEDDED_REGISTRY === "auto" && loopback.includes(name)
      ? { registry: { host: "127.0.0.1", port: Number(port) } }
      : {}),
    ...(config.SMTP_URL === undefined
      ? { mail: { host: "127.0.0.1", smtpPort: config.MAIL_SMTP_PORT, pagePort: config.MAIL_PAGE_PORT } }
      : {}),
  };
}

function databaseAddress({ DB_HOST: host = "127.0.0.1", DB_PORT: port }: Config) {
  if (loopback.includes(host)) return { host: "127.0.0.1", port };
  throw new StartUpError(
    "database_host_not_local",
    `The embedded database runs on this machine only, but DB_HOST is ${host}. Remove DB_HOST, or set DB_ENGINE=dynamodb.`,
  );
}
