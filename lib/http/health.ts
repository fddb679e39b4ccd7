// The `/health/` of a service: what it leans on, and whether it serves.

import { setTimeout as sleep } from "node:timers/promises";
import { commonRoutes } from "../contract/common-routes.ts";
import type { Contract } from "../contract/route.ts";
import { StorageFault } from "../storage/errors.ts";
import { VERSION } from "../version.ts";
import { instanceId } from "./addressee.ts";
import { type HttpHandler, httpHandler } from "./handler.ts";
import { type Platform, platform } from "./platform.ts";
import { reply } from "./reply.ts";

type Condition = "ok" | "degraded" | "down";

declare global {
  // Set by the local runtime while it starts and drains: then the instance must get no new work.
  var cfmpOrderDraining: boolean | undefined;
}

const started = performance.now();
const CHECK_EVERY_MS = 1_000;
/** A database that does not answer by then is reported as down: whoever asks for health waits a second at most. */
const CHECK_WITHIN_MS = 500;

/**
 * A handler for `GET /health/`. What is shared by all instances (database, registry) makes it `degraded`, never
 * `down`: taking every instance out would not bring it back. Checks are repeated once a second at most.
 */
export function healthHandler(contract: Contract, probeTable: string): HttpHandler {
  let known: { at: number; checks: Record<string, Condition> } | undefined;
  return httpHandler(contract, commonRoutes.health, async () => {
    const now = performance.now();
    if (!known || now - known.at > CHECK_EVERY_MS) {
      known = { at: now, checks: await check(platform(), probeTable) };
    }
    const report = (status: Condition, checks: Record<string, Condition>) => ({
      status,
      service: contract.service,
      instance: instanceId(),
      version: VERSION,
      uptime_s: Math.round((now - started) / 100) / 10,
      checks,
    });
    if (globalThis.cfmpOrderDraining === true) {
      return reply(503, report("down", known.checks), { "retry-after": "1" });
    }
    const degraded = Object.values(known.checks).some((condition) => condition !== "ok");
    return reply(200, report(degraded ? "degraded" : "ok", known.checks));
  });
}

async function check(shared: Platform, table: string): Promise<Record<string, Condition>> {
  const answer = shared
    .table(table)
    .get("health-probe")
    .then(() => "ok" as const)
    .catch((error: unknown) => (error instanceof StorageFault ? "degraded" : "down"));
  const database = await Promise.race([answer, sleep(CHECK_WITHIN_MS, "down" as const, { ref: false })]);
  return { database, registry: shared.discovery.status() };
}
