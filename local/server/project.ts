// The project as a server runs it: the same functions and tables that osls reads, without osls, which is for development.

import { join } from "node:path";
import { serverlessFunctions } from "../../build/functions.ts";
import { tableResources } from "../../build/tables.ts";
import { services } from "../../functions/services.ts";
import { DEFAULT_STAGE } from "../shared/command.ts";
import type { Project } from "../shared/serverless-types.ts";

/** `service` and `provider` of serverless.yml; a test compares. */
export const SERVICE = "cfmp-order";
export const PROVIDER = { timeout: 15, memorySize: 512, region: "us-east-1" };

const ROOT = join(import.meta.dirname, "..", "..");

export interface ProjectOptions {
  readonly stage?: string | undefined;
  readonly region?: string | undefined;
  /** First part of the tables' names: DB_NAME. */
  readonly family: string;
}

/** All services; the command line says which of them run. */
export function serverProject({ stage = DEFAULT_STAGE, region, family }: ProjectOptions): Project {
  const functions = Object.entries(serverlessFunctions(services, "local")).map(
    ([key, { handler, events }]) => [
      key,
      { handler, name: `${SERVICE}-${stage}-${key}`, events: events.map((event) => ({ ...event })) },
    ],
  );
  const tables = services.flatMap((service) => service.tables);
  return {
    serviceDir: ROOT,
    service: {
      functions: Object.fromEntries(functions),
      provider: { ...PROVIDER, stage, region: region || PROVIDER.region },
      resources: { Resources: tableResources(tables, { family, onRemoval: "Retain" }) },
    },
  };
}
