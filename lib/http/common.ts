// Handlers that every service has: health, documentation, and the reply where no route matches.

import { PAGES } from "../contract/common-routes.ts";
import type { Contract } from "../contract/route.ts";
import type { TableDefinition } from "../storage/table-definition.ts";
import { type DocsHandlers, docsHandlers } from "./docs.ts";
import { fallbackHandler } from "./fallback.ts";
import type { HttpHandler } from "./handler.ts";
import { type HealthOptions, healthHandler } from "./health.ts";
import { sharedHandler } from "./shared-function.ts";

export interface CommonHandlers extends DocsHandlers {
  /** GET /health/ */
  readonly health: HttpHandler;
  /** The documentation, for the one function that serves it on AWS. */
  readonly [PAGES]: HttpHandler;
  /** Every path and method without a route. */
  readonly fallback: HttpHandler;
}

/** The handlers of `commonRoutes` for the service of `contract`, whose aggregates are in `tables`. */
export const commonHandlers = (
  contract: Contract,
  tables: readonly TableDefinition[],
  options?: HealthOptions,
): CommonHandlers => {
  const { docs, docsAsset, openapi } = docsHandlers(contract);
  return {
    docs,
    docsAsset,
    openapi,
    [PAGES]: sharedHandler(contract, PAGES, { docs, docsAsset, openapi }),
    health: healthHandler(contract, tables, options),
    fallback: fallbackHandler(contract),
  };
};
