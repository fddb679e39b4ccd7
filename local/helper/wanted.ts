// Which embedded servers a configuration needs.

import type { Config } from "../../lib/config/env.ts";
import { isLoopback } from "../../lib/core/host.ts";
import { nacosAddress } from "../../lib/nacos/address.ts";
import { GRPC_PORT_OFFSET } from "../../lib/nacos/grpc/methods.ts";
import type { WantedPort } from "../shared/ports.ts";
import { StartUpError } from "../shared/start-up-error.ts";
import type { Services } from "./protocol.ts";

const MAX_PORT = 65_535;

/**
 * The embedded database for DB_ENGINE=embedded, the registry if NACOS_SERVER is this machine, without TLS,
 * which it does not support (unless EMBEDDED_REGISTRY=off), the mail catcher without an SMTP_URL.
 * @throws {StartUpError} if DB_HOST puts the embedded database, which checks no passwords, on another interface.
 */
export function wantedServices(config: Config): Services {
  return {
    ...(config.DB_ENGINE === "embedded" ? { database: databaseAddress(config) } : {}),
    ...registryAddress(config),
    ...(config.SMTP_URL === undefined
      ? { mail: { host: "127.0.0.1", smtpPort: config.MAIL_SMTP_PORT, pagePort: config.MAIL_PAGE_PORT } }
      : {}),
    ...controlRoomAddress(config),
  };
}

/** Only with DEBUG: it shows what users do, and ends processes. */
export const wantsControlRoom = ({
  CONTROL_ROOM_PORT,
  DEBUG,
}: Pick<Config, "CONTROL_ROOM_PORT" | "DEBUG">): boolean => CONTROL_ROOM_PORT !== undefined && DEBUG;

function controlRoomAddress(config: Config): Pick<Services, "controlRoom"> {
  const { CONTROL_ROOM_PORT: port, CONTROL_ROOM_HISTORY_MB: historyMb } = config;
  return port === undefined || !wantsControlRoom(config)
    ? {}
    : { controlRoom: { host: "127.0.0.1", port, historyMb } };
}

/**
 * The ports of {@link wantedServices}, for a check that no two are the same. All have to be free, except for gRPC's: where that
 * is in use by another program, the registry runs without it.
 */
export function wantedHelperPorts(config: Config): readonly WantedPort[] {
  const { database, registry, mail, controlRoom } = wantedServices(config);
  return [
    ...(database
      ? [{ port: database.port, purpose: "the embedded database", setting: "DB_PORT in .env" }]
      : []),
    ...(registry ? registryPorts(registry.port) : []),
    ...(mail
      ? [
          { port: mail.smtpPort, purpose: "the mail catcher", setting: "MAIL_SMTP_PORT in .env" },
          { port: mail.pagePort, purpose: "the mail catcher's page", setting: "MAIL_PAGE_PORT in .env" },
        ]
      : []),
    ...(controlRoom
      ? [{ port: controlRoom.port, purpose: "the control room", setting: "CONTROL_ROOM_PORT in .env" }]
      : []),
  ];
}

/** Its own port and, unless there is no such port, the one of gRPC. */
function registryPorts(port: number): WantedPort[] {
  const setting = "NACOS_SERVER in .env";
  const grpc = { port: port + GRPC_PORT_OFFSET, purpose: "the embedded registry's gRPC", setting };
  const http = { port, purpose: "the embedded registry", setting };
  return grpc.port > MAX_PORT ? [http] : [http, grpc];
}

function registryAddress(config: Config): Pick<Services, "registry"> {
  const { EMBEDDED_REGISTRY, NACOS_SERVER, NACOS_USERNAME: username, NACOS_PASSWORD: password } = config;
  if (EMBEDDED_REGISTRY === "off" || NACOS_SERVER === undefined) return {};
  const { secure, host, port } = nacosAddress(NACOS_SERVER);
  if (secure || !isLoopback(host)) return {};
  const account = username && password ? { account: { username, password } } : {};
  return { registry: { host: "127.0.0.1", port, ...account } };
}

function databaseAddress({ DB_HOST: host = "127.0.0.1", DB_PORT: port }: Config) {
  if (isLoopback(host)) return { host: "127.0.0.1", port };
  throw new StartUpError(
    "database_host_not_local",
    `The embedded database runs on this machine only, but DB_HOST is ${host}. Remove DB_HOST, or set DB_ENGINE=dynamodb.`,
  );
}
