// Merges the OpenAPI documents of all services: the routes that can be reached through the gateway.

import type { ServiceDefinition } from "../../functions/services.ts";
import { openApiDocument } from "../../lib/contract/openapi.ts";
import type { Contract } from "../../lib/contract/route.ts";
import { VERSION } from "../../lib/core/version.ts";
import { isPublic } from "./routes.ts";

/** One document: paths and schemas of `services` together. Schemas they share (`Problem`, `Health`) are the same in all. */
export function mergedDocument(
  services: readonly ServiceDefinition[],
  debug: boolean,
): Record<string, unknown> {
  const documents = services.map(({ contract }) =>
    openApiDocument({ ...contract, routes: publicRoutes(contract.routes) }, { version: VERSION, debug }),
  );
  const [first] = documents;
  return {
    ...first,
    info: {
      title: "CFMP-Order",
      version: VERSION,
      description: `Behind one address: ${services.map(({ contract }) => contract.title).join(", ")}.`,
    },
    paths: Object.assign({}, ...documents.map(({ paths }) => paths)),
    components: {
      ...first?.components,
      schemas: Object.assign({}, ...documents.map(({ components }) => components?.schemas)),
    },
  };
}

const publicRoutes = (routes: Contract["routes"]): Contract["routes"] =>
  Object.fromEntries(Object.entries(routes).filter(([, route]) => isPublic(route)));
