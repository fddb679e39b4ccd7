// Whether this process runs the gateway, and on which port.

import type { Config } from "../../lib/config/env.ts";
import type { WantedPort } from "../shared/ports.ts";
import type { CommandLine } from "../shared/serverless-types.ts";
import { StartUpError } from "../shared/start-up-error.ts";

/** Its name for `--service`. */
export const GATEWAY = "gateway";

/**
 * The gateway's port, if this process runs it: together with all services, or when `--service` names it; not in a further
 * instance (`--httpPort`). Undefined otherwise.
 * @throws {StartUpError} when `--service` names it but GATEWAY_PORT is `off`.
 */
export function wantedGateway(
  config: Pick<Config, "GATEWAY_PORT">,
  commandLine: CommandLine,
): WantedPort | undefined {
  const named = servicesNamed(commandLine["service"]);
  const wanted = named.length === 0 ? !given(commandLine["httpPort"]) : named.includes(GATEWAY);
  const port = config.GATEWAY_PORT;
  if (wanted && port !== undefined) return { port, purpose: "the gateway", setting: "GATEWAY_PORT in .env" };
  if (!named.includes(GATEWAY)) return undefined;
  throw new StartUpError("gateway_off", "--service gateway needs a port: set GATEWAY_PORT in .env.");
}

/** The names in a `--service` option; none means all. */
export const servicesNamed = (option: unknown): readonly string[] =>
  given(option)
    ? String(option)
        .split(",")
        .map((name) => name.trim())
    : [];

const given = (option: unknown): boolean => option !== undefined && option !== "";
