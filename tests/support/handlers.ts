// The handlers of a service, found as the functions of serverless.yml name them.

import { join } from "node:path";
import { serviceFunctions } from "../../build/functions.ts";
import type { ServiceDefinition } from "../../functions/services.ts";
import type { Route } from "../../lib/contract/route.ts";

const ROOT = join(import.meta.dirname, "..", "..");

export interface FoundHandler {
  readonly route: Route;
  /** What its file exports. */
  readonly module: object;
  /** The name of the handler among that. */
  readonly exported: string;
}

/** One for each route of the contract. */
export function handlersOf(service: ServiceDefinition): Promise<readonly FoundHandler[]> {
  const functions = serviceFunctions(service, "local", true);
  return Promise.all(
    Object.values(service.contract.routes).map(async (route) => {
      const { handler = "" } = functions[`${service.key}-${route.id}`] ?? {};
      const [, file = "", exported = ""] = /^(.*)\.(\w+)$/.exec(handler) ?? [];
      const module: object = await import(join(ROOT, `${file}.ts`));
      return { route, module, exported };
    }),
  );
}
