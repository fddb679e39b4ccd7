// `/openapi.json` and `/docs/` of a service: its OpenAPI document, and a page to read it and try its operations.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { commonRoutes } from "../contract/common-routes.ts";
import type { Contract } from "../contract/route.ts";
import { VERSION } from "../core/version.ts";
import { processConfig } from "../platform/process-config.ts";
import { docsHtml, START_JS } from "./docs-page.ts";
import { type HttpHandler, httpHandler } from "./handler.ts";
import { reply } from "./reply.ts";

export interface DocsHandlers {
  /** GET /openapi.json */
  readonly openapi: HttpHandler;
  /** GET /docs/ */
  readonly docs: HttpHandler;
  /** GET /docs/{asset} */
  readonly docsAsset: HttpHandler;
}

/** Everything is loaded from this origin, inline scripts and styles are not allowed, and no other page may frame this one. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

// The page's links to its assets contain the version, so a cached copy is never outdated.
const KEEP = { "cache-control": "public, max-age=31536000, immutable" };

const TYPES = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "start.js": "text/javascript; charset=utf-8",
} as const;

type Asset = keyof typeof TYPES;

/** The handlers of the three documentation routes of `contract`. */
export function docsHandlers(contract: Contract): DocsHandlers {
  let document: Promise<Record<string, unknown>> | undefined;
  return {
    openapi: httpHandler(contract, commonRoutes.openapi, async () => {
      document ??= describe(contract, processConfig().DEBUG);
      return reply(200, await document);
    }),
    docs: httpHandler(contract, commonRoutes.docs, async ({ path }) => {
      const { html, headers } = docsPage(contract.title, path);
      return reply(200, html, headers);
    }),
    docsAsset: httpHandler(contract, commonRoutes.docsAsset, async ({ params }) =>
      reply(200, await assetText(params.asset), { "content-type": TYPES[params.asset], ...KEEP }),
    ),
  };
}

/**
 * The page for the document beside `path`, and the headers it needs. The local runtime names the control room that it sends its spans
 * to; on AWS there is none.
 */
export const docsPage = (title: string, path: string) => ({
  html: docsHtml(title, path, VERSION, process.env["CFMP_CONTROL_ROOM"]),
  headers: {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "referrer-policy": "no-referrer",
  },
});

/** zod-openapi is loaded by the first request for the document only. */
async function describe(contract: Contract, debug: boolean): Promise<Record<string, unknown>> {
  const { openApiDocument } = await import("../contract/openapi.ts");
  return { ...openApiDocument(contract, { version: VERSION, debug }) };
}

const resolver = createRequire(import.meta.url);
const read = new Map<Asset, Promise<string>>();

/** The viewer's files are read from its package, which on AWS is beside the bundle (docs/decisions/006-docs-page.md). */
function assetText(asset: Asset): Promise<string> {
  if (asset === "start.js") return Promise.resolve(START_JS);
  const known = read.get(asset) ?? readFile(resolver.resolve(`swagger-ui-dist/${asset}`), "utf8");
  read.set(asset, known);
  return known;
}
