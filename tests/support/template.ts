// serverless.yml as tests read it: parsed, with the few variables of its resources filled in.

import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import * as z from "zod";

const template = z.object({ resources: z.object({ Resources: z.record(z.string(), z.unknown()) }) });

/** The CloudFormation resources, with table names that begin with `tables`. */
export async function templateResources(tables: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(new URL("../../serverless.yml", import.meta.url), "utf8");
  // CloudFormation's own tags (`!Sub`) stay plain strings here; variables of osls are of no concern to the tables.
  const document: unknown = parse(text.replaceAll(/\$\{self:custom\.tables\}/g, tables), {
    logLevel: "silent",
  });
  return template.parse(document).resources.Resources;
}
