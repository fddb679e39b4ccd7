// How another instance of a runtime is started: by the same command, at ports of its own.

import { portVariable } from "../../lib/core/service-name.ts";
import { unusedPorts } from "../shared/ports.ts";
import type { Report } from "./report.ts";

export interface NewInstance {
  readonly command: Report["command"];
  /** Settings that differ from those of the first. */
  readonly env: Readonly<Record<string, string>>;
}

/** Another instance beside the one of `report`, with `env` as its environment. */
export async function instanceBeside(
  { command, services, gateway_url }: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<NewInstance> {
  const names = [
    ...services.map(({ name }) => portVariable(name)),
    ...(gateway_url === null ? [] : ["GATEWAY_PORT"]),
    ...(hasPort(env["METRICS_PORT"]) ? ["METRICS_PORT"] : []),
  ];
  const ports = await unusedPorts(names.length);
  return {
    command: { ...command, argv: withoutPort(command.argv) },
    env: Object.fromEntries(names.map((name, index) => [name, String(ports[index])])),
  };
}

/** The settings by which a runtime listens again where the one of `report` did. */
export const sameAddresses = ({ services, gateway_url }: Report): Readonly<Record<string, string>> =>
  Object.fromEntries([
    ...services.map(({ name, url }) => [portVariable(name), new URL(url).port]),
    ...(gateway_url === null ? [] : [["GATEWAY_PORT", new URL(gateway_url).port]]),
  ]);

const hasPort = (setting = ""): boolean => !["", "0", "off"].includes(setting);

/** `--httpPort 8011` is where the first one listens. */
function withoutPort(argv: readonly string[]): string[] {
  return argv.filter((part, index) => !/^--httpPort(=|$)/.test(part) && argv[index - 1] !== "--httpPort");
}
