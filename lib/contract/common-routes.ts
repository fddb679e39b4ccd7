// Routes that every service has.

import * as z from "zod";
import { defineRoute } from "./route.ts";
import { healthReport } from "./schemas.ts";

/** The function of the documentation. */
export const PAGES = "pages";

/** `/health/`, `/openapi.json` and `/docs/`, the same for all services. */
export const commonRoutes = {
  health: defineRoute({
    id: "health",
    method: "GET",
    path: "/health/",
    summary: "Whether this instance can serve requests",
    access: "public",
    replies: {
      200: {
        description: "It serves; `degraded` when something it depends on does not work",
        schema: healthReport,
      },
      503: { description: "It is starting or draining", schema: healthReport },
    },
  }),
  openapi: defineRoute({
    id: "openapi",
    method: "GET",
    path: "/openapi.json",
    summary: "This service's OpenAPI 3.1 document",
    access: "public",
    selfContained: true,
    function: PAGES,
    replies: { 200: { description: "The document", schema: () => z.record(z.string(), z.unknown()) } },
  }),
  docs: defineRoute({
    id: "docs",
    method: "GET",
    path: "/docs/",
    summary: "A page to read and try this API",
    access: "public",
    selfContained: true,
    function: PAGES,
    replies: { 200: { description: "HTML" } },
  }),
  docsAsset: defineRoute({
    id: "docsAsset",
    method: "GET",
    path: "/docs/{asset}",
    summary: "A file of the page",
    access: "public",
    selfContained: true,
    function: PAGES,
    params: () => z.object({ asset: z.enum(["swagger-ui.css", "swagger-ui-bundle.js", "start.js"]) }),
    replies: { 200: { description: "The file" } },
  }),
};
