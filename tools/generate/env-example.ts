// The settings of services and payment providers in .env.example.

import type * as z from "zod";
import { descriptionOf, type ProviderEntry } from "../../functions/payments/providers/definition.ts";
import type { ServiceDefinition } from "../../functions/services.ts";
import { portVariable, urlVariable } from "../../lib/core/service-name.ts";
import { withSection } from "./section.ts";

/** The file `example` with the port and the URL of each of `services`. */
export function withServiceSettings(example: string, services: readonly ServiceDefinition[]): string {
  const ports = services.map(({ contract, port }) => `${portVariable(contract.service)}=${port}`);
  const urls = services.map(({ contract }) => `${urlVariable(contract.service)}=`);
  return withSection(withSection(example, "ports", ports), "addresses", urls);
}

/** Length of a comment's lines. */
const WIDTH = 118;

/** The file `example` with the settings of each of `providers`, their descriptions and defaults. */
export function withProviderSettings(
  example: string,
  providers: readonly Pick<ProviderEntry, "name" | "settings">[],
): string {
  const lines = providers.flatMap(({ name, settings }) => [
    `# - ${name}`,
    ...Object.entries(settings).flatMap(([variable, schema]) => [
      ...comment(descriptionOf(schema)),
      `${variable}=${defaultOf(schema)}`,
    ]),
  ]);
  return withSection(example, "providers", lines);
}

/** What a setting is when it is not set; empty where that is nothing. */
function defaultOf(schema: z.ZodType): string {
  const value = schema.parse(undefined);
  return typeof value === "string" ? value : "";
}

/** A text as comment lines, broken between words. */
function comment(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "#";
  for (const word of text.split(" ").filter((part) => part !== "")) {
    if (line !== "#" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "#";
    }
    line = `${line} ${word}`;
  }
  return line === "#" ? lines : [...lines, line];
}
