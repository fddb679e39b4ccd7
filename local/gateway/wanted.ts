// Does this process run the gateway?

import type { Config } from "../../lib/config/env.ts";
import type { WantedPort } from "../shared/ports.ts";
import type { CommandLine } from "../shared/serverless-types.ts";
import { StartUpError } from "../shared/start-up-error.ts";

/** What `--service` calls it. */
export const GATEWAY = "gateway";

/**
 * Where the gateway listens, if it runs here: with all services, or when `--service` names it; not in a further instance,
 * which `--httpPort` makes. Undefined when it does not.
 * @throws {StartUpError} when it is named but switched off.
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
