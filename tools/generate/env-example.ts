// The services' settings in .env.example.

import type { ServiceDefinition } from "../../functions/services.ts";
import { portVariable, urlVariable } from "../../lib/core/service-name.ts";
import { withSection } from "./section.ts";

/** The file `example` with the port and the URL of each of `services`. */
export function withServiceSettings(example: string, services: readonly ServiceDefinition[]): string {
  const ports = services.map(({ contract, port }) => `${portVariable(contract.service)}=${port}`);
  const urls = services.map(({ contract }) => `${urlVariable(contract.service)}=`);
  return withSection(withSection(example, "ports", ports), "addresses", urls);
}
