// Settings of a system that is started beside whatever else runs on this machine: free ports, and data of its own.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { services } from "../../functions/services.ts";
import { settingNames } from "../../functions/settings.ts";
import { portVariable } from "../../lib/core/service-name.ts";
import { GRPC_PORT_OFFSET } from "../../lib/nacos/grpc/methods.ts";
import { freePortGroup, freePorts } from "./free-ports.ts";

/** A new folder for data, below `parent`. */
export const ownFolder = (parent = tmpdir()): string => mkdtempSync(join(parent, "cfmp-order-"));

/** Settings of a system of its own, with its data in `folder`, and free ports. */
export async function ownSettings(folder = ownFolder()): Promise<Record<string, string>> {
  const [database, smtp, mail] = await freePorts(3);
  const registry = await freePortGroup([0, GRPC_PORT_OFFSET]);
  return {
    DATA_DIR: folder,
    LOG_DIR: join(folder, "logs"),
    DB_NAME: "cfmp-order",
    ...(await freeServicePorts()),
    DB_PORT: String(database),
    NACOS_SERVER: `127.0.0.1:${registry}`,
    MAIL_SMTP_PORT: String(smtp),
    MAIL_PAGE_PORT: String(mail),
  };
}

/** A free port for each service, and one for the gateway, as settings. */
export async function freeServicePorts(): Promise<Record<string, string>> {
  const names = [...services.map(({ contract }) => portVariable(contract.service)), "GATEWAY_PORT"];
  const ports = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
}

/** This process's environment with every setting empty, so that a .env of the developer's does not count. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const empty = Object.fromEntries(settingNames.map((name) => [name, ""]));
  return { ...process.env, NODE_OPTIONS: "", ...empty };
}
