// Pages that the gateway answers itself: its health, the merged OpenAPI document, and the page to read it.

import type { ServiceDefinition } from "../../functions/services.ts";
import { VERSION } from "../../lib/core/version.ts";
import type { Discovery } from "../../lib/discovery/index.ts";
import { instanceId } from "../../lib/http/addressee.ts";
import { docsPage } from "../../lib/http/docs.ts";
import type { Target } from "./routes.ts";

export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PageSources {
  readonly services: readonly ServiceDefinition[];
  readonly discovery: Pick<Discovery, "observe" | "status">;
  readonly debug: boolean;
}

type OwnTarget = Exclude<Target, { kind: "service" }>;

/** Creates a function that returns the page for a path. */
export function pages(sources: PageSources): (target: OwnTarget, path: string) => Promise<Page> {
  let document: Promise<string> | undefined;
  return async (target, path) => {
    if (target.kind === "health") return health(sources);
    if (target.kind === "docs") {
      const { html, headers } = docsPage(target.title, path);
      return { status: 200, headers, body: html };
    }
    document ??= describe(sources);
    return { status: 200, headers: JSON_TYPE, body: await document };
  };
}

const JSON_TYPE = { "content-type": "application/json" };

/** zod-openapi is loaded by the first request for the document. */
async function describe({ services, debug }: PageSources): Promise<string> {
  const { mergedDocument } = await import("./document.ts");
  return JSON.stringify(mergedDocument(services, debug));
}

/** 200 as long as it serves; `degraded` while a service has no healthy instance, or the registry does not answer. */
async function health({ services, discovery }: PageSources): Promise<Page> {
  const behind = await Promise.all(services.map(({ contract }) => instancesOf(contract.service, discovery)));
  const checks = {
    registry: discovery.status(),
    ...Object.fromEntries(behind.map(({ service, healthy }) => [service, healthy > 0 ? "ok" : "down"])),
  };
  const draining = globalThis.cfmpOrderDraining === true;
  const well = Object.values(checks).every((condition) => condition === "ok");
  const body = {
    status: draining ? "down" : well ? "ok" : "degraded",
    service: "gateway",
    instance: instanceId(),
    version: VERSION,
    uptime_s: Math.round(performance.now() / 100) / 10,
    checks,
    services: Object.fromEntries(behind.map(({ service, ...counts }) => [service, counts])),
  };
  return {
    status: draining ? 503 : 200,
    headers: { ...JSON_TYPE, ...(draining ? { "retry-after": "1" } : {}) },
    body: JSON.stringify(body),
  };
}

async function instancesOf(service: string, discovery: Pick<Discovery, "observe">) {
  const { instances } = await discovery.observe(service);
  const usable = instances.filter(({ healthy, enabled, ejected }) => healthy && enabled && !ejected);
  return { service, instances: instances.length, healthy: usable.length };
}
