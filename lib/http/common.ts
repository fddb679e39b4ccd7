// Handlers that every service has: health, documentation, and the reply where no route matches.

import type { Contract } from "../contract/route.ts";
import type { TableDefinition } from "../storage/table-definition.ts";
import { type DocsHandlers, docsHandlers } from "./docs.ts";
import { fallbackHandler } from "./fallback.ts";
import type { HttpHandler } from "./handler.ts";
import { type HealthOptions, healthHandler } from "./health.ts";

export interface CommonHandlers extends DocsHandlers {
  /** GET /health/ */
  readonly health: HttpHandler;
  /** Every path and method without a route. */
  readonly fallback: HttpHandler;
}

/** The handlers of `commonRoutes` for the service of `contract`, whose aggregates are in `tables`. */
export const commonHandlers = (
  contract: Contract,
  tables: readonly TableDefinition[],
  options?: HealthOptions,
): CommonHandlers => ({
  ...docsHandlers(contract),
  health: healthHandler(contract, tables, options),
  fallback: fallbackHandler(contract),
});
