// Starts the gateway of a local run, with the discovery and tokens that this process shares.

import { services } from "../../functions/services.ts";
import { serviceLog } from "../../lib/observability/log.ts";
import { platform } from "../../lib/platform/platform.ts";
import { portInUse, type WantedPort } from "../shared/ports.ts";
import { type Gateway, startGateway } from "./gateway.ts";

/**
 * Starts the gateway with the settings in the environment, which must be complete.
 * @param controlRoom where browsers that open it are sent.
 * @throws {StartUpError} when the port is in use.
 */
export async function openGateway(
  wanted: WantedPort,
  controlRoom: () => string | undefined,
): Promise<Gateway> {
  const { config, discovery, tokens } = platform();
  const { HOST: host } = config;
  const settings = {
    host,
    port: wanted.port,
    config,
    services,
    discovery,
    tokens,
    log: serviceLog("gateway"),
    controlRoom,
  };
  try {
    return await startGateway(settings);
  } catch (error) {
    const inUse = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    throw inUse ? await portInUse(wanted) : error;
  }
}
