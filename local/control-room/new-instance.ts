// How another instance of a runtime is started: by the same command, at ports of its own.

import { unusedPorts } from "../shared/ports.ts";
import type { Report } from "./report.ts";

export interface NewInstance {
  readonly command: Report["command"];
  /** Settings that may differ from those of the helper process. */
  readonly env: Readonly<Record<string, string>>;
}

/** Another instance beside the one of `report`. */
export async function instanceBeside({ command }: Report): Promise<NewInstance> {
  const names = Object.keys(command.env).filter((name) => isUsedPort(name, command.env[name]));
  const ports = await unusedPorts(names.length);
  const own = Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
  return { command: { ...command, argv: withoutPort(command.argv) }, env: { ...command.env, ...own } };
}

/** One that takes the place of the one of `report`: it listens where that did. */
export const instanceInPlace = ({ command }: Report): NewInstance => ({ command, env: command.env });

const isUsedPort = (name: string, value: string | undefined): boolean =>
  name.endsWith("_PORT") && value !== "off";

/** `--httpPort 8011` is where the first one listens. */
function withoutPort(argv: readonly string[]): string[] {
  return argv.filter((part, index) => !/^--httpPort(=|$)/.test(part) && argv[index - 1] !== "--httpPort");
}
