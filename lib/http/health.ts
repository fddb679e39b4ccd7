// `/health/` of a service: whether it serves requests, and the state of what it depends on.

import { liveState } from "../config/watch-live.ts";
import { commonRoutes } from "../contract/common-routes.ts";
import type { Contract } from "../contract/route.ts";
import { VERSION } from "../core/version.ts";
import { type OutboxStanding, outboxStanding } from "../outbox/standing.ts";
import { type Platform, platform } from "../platform/platform.ts";
import { StorageFault } from "../storage/errors.ts";
import { parkedWrites } from "../storage/parked-writes.ts";
import { holdsAggregates, type TableDefinition } from "../storage/table-definition.ts";
import { instanceId } from "./addressee.ts";
import { type HttpHandler, httpHandler } from "./handler.ts";
import { reply } from "./reply.ts";

type Condition = "ok" | "degraded" | "down";

declare global {
  // Set by the local runtime when it begins to drain: the instance must get no new requests.
  var cfmpOrderDraining: boolean | undefined;
}

const started = performance.now();
const CHECK_EVERY_MS = 1_000;
/** Milliseconds after which a database that has not answered is reported as down: the caller of /health/ waits a second at most. */
const CHECK_WITHIN_MS = 500;
/** While outboxes are late or have something parked, so that the end of it is soon seen. */
const OUTBOX_EVERY_MS = 5_000;
/** While nothing is late or parked; what this process parks is seen at the next check all the same. */
const CLEAR_OUTBOX_EVERY_MS = 30_000;
/** Seconds after which an overdue delivery means that sweeps do not run: on AWS they run every minute. */
const LATE_S = 180;

export interface HealthOptions {
  /** Whether parked deliveries make the service `degraded`; true when left out. */
  readonly parkedDegrades?: boolean;
}

interface Checks {
  readonly checks: Record<string, Condition>;
  readonly reasons: Record<string, string> | undefined;
  readonly outbox: OutboxStanding | undefined;
}

/**
 * A handler for `GET /health/`. A failure of what all instances share (database, registry) makes it `degraded`, never `down`:
 * removing every instance would not repair it. An outbox that is late or has parked events makes it `degraded` too. Checks
 * run at most once a second, those of outboxes every 30 seconds, every five while something is late or parked. A service without tables has no checks of database and outbox.
 */
export function healthHandler(
  contract: Contract,
  tables: readonly TableDefinition[],
  { parkedDegrades = true }: HealthOptions = {},
): HttpHandler {
  let known: (Checks & { at: number }) | undefined;
  const names = tables.filter(holdsAggregates).map(({ name }) => name);
  const outboxes = outboxCheck(names);
  return httpHandler(contract, commonRoutes.health, async () => {
    const now = performance.now();
    if (!known || now - known.at > CHECK_EVERY_MS) {
      known = { at: now, ...(await check(platform(), names[0], outboxes, parkedDegrades)) };
    }
    const report = (status: Condition, { checks, reasons, outbox }: Checks) => ({
      status,
      service: contract.service,
      instance: instanceId(),
      version: VERSION,
      uptime_s: Math.round((now - started) / 100) / 10,
      checks,
      ...(reasons === undefined ? {} : { reasons }),
      ...(liveState() === undefined ? {} : { config: liveState() }),
      ...(outbox === undefined ? {} : { outbox }),
    });
    if (globalThis.cfmpOrderDraining === true) {
      return reply(503, report("down", known), { "retry-after": "1" });
    }
    const degraded = Object.values(known.checks).some((condition) => condition !== "ok");
    return reply(200, report(degraded ? "degraded" : "ok", known));
  });
}

async function check(
  shared: Platform,
  table: string | undefined,
  outboxes: (shared: Platform) => Promise<OutboxStanding | undefined>,
  parkedDegrades: boolean,
): Promise<Checks> {
  const others = {
    registry: shared.discovery.status(),
    ...(liveState()?.refused ? { config: "degraded" as const } : {}),
  };
  if (table === undefined) return { checks: others, reasons: undefined, outbox: undefined };
  const answer = shared
    .table(table)
    .get("health-probe")
    .then(() => "ok" as const)
    .catch((error: unknown) => (error instanceof StorageFault ? "degraded" : "down"));
  const [database, outbox] = await Promise.all([
    inTime(answer, "down" as const),
    inTime(outboxes(shared), undefined),
  ]);
  const { writeFailure } = shared.database;
  // A database that can only be read is no reason to remove instances, but it is not ok either.
  const readOnly = writeFailure !== undefined && database === "ok";
  const checks = {
    database: readOnly ? ("degraded" as const) : database,
    ...others,
    outbox: conditionOf(outbox, parkedDegrades),
  };
  const reasons =
    writeFailure === undefined ? undefined : { database: `nothing is written: ${writeFailure}` };
  return { checks, reasons, outbox };
}

/** The result of `check`, or `otherwise` when it takes too long. A process that was busy handles arrived replies first. */
function inTime<T, U>(check: Promise<T>, otherwise: U): Promise<T | U> {
  const { promise, resolve, reject } = Promise.withResolvers<T | U>();
  const late = setTimeout(() => setImmediate(() => resolve(otherwise)), CHECK_WITHIN_MS).unref();
  void check.then(resolve, reject).finally(() => clearTimeout(late));
  return promise;
}

function conditionOf(outbox: OutboxStanding | undefined, parkedDegrades: boolean): Condition {
  if (outbox === undefined) return "down";
  return (parkedDegrades && outbox.parked > 0) || outbox.lag_s > LATE_S ? "degraded" : "ok";
}

/** Reads the state of the outboxes in `tables` when it may have changed; undefined when it can't be read. */
function outboxCheck(tables: readonly string[]): (shared: Platform) => Promise<OutboxStanding | undefined> {
  let known: { readonly until: number; readonly parked: number } | undefined;
  let standing: Promise<OutboxStanding | undefined> = Promise.resolve(undefined);
  return (shared) => {
    const now = performance.now();
    const parked = parkedWrites();
    if (known !== undefined && now < known.until && parked === known.parked) return standing;
    known = { until: now + OUTBOX_EVERY_MS, parked };
    const owing = tables.map((name) => shared.table(name));
    standing = outboxStanding(owing, Date.now()).catch(() => undefined);
    void standing.then((found) => {
      const clear = found?.parked === 0 && found.lag_s === 0;
      if (clear) known = { until: now + CLEAR_OUTBOX_EVERY_MS, parked };
    });
    return standing;
  };
}
