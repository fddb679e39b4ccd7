// A process that calls the services through lib/discovery all the time, and counts what fails. It outlives them.
// Started by driver.ts: node run-driver.ts CALLS_PER_SECOND FLOWS_PER_SECOND, with the fleet's settings in the environment.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { loadConfig } from "../../../lib/config/env.ts";
import { REQUEST_TIMEOUT_MS } from "../../../lib/core/scope.ts";
import { createDiscovery } from "../../../lib/discovery/index.ts";
import { type PeerReply, PeerUnavailable } from "../../../lib/discovery/peer/peer.ts";
import { until } from "../../support/poll.ts";
import type { DriverReport, Failure, FromDriver, ToDriver } from "./driver-messages.ts";

/** As long as a service gives a request, and with it the calls that the request needs. */
const DEADLINE_MS = REQUEST_TIMEOUT_MS;
/** A flow goes on through a restart of the database, which may take a while on a busy machine. */
const FLOW_WITHIN_MS = 40_000;
const TICK_MS = 5;

/** Routes that need no database: whether they are answered depends on discovery alone. */
const STREAM = [
  { service: "OrderService", path: "/api/orders/discover/payment/" },
  { service: "PaymentService", path: "/health/" },
  { service: "NotificationService", path: "/health/" },
] as const;

const problem = z.object({ code: z.string() });
const created = z.object({ id: z.string() });

const [, , rate = "240", flowRate = "3"] = process.argv;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const { call, close } = createDiscovery(loadConfig(), silent);
const failures: Failure[] = [];
const latencies: number[] = [];
const underWay = new Set<Promise<void>>();
let calls = 0;
let flows = 0;
let databaseAway = 0;
let stopping = false;

const tell = (message: FromDriver): void => {
  process.send?.(message, undefined, {}, () => {});
};

process.on("disconnect", () => process.exit(1));
process.on("message", (message: ToDriver) => {
  if (message.type === "stop") stopping = true;
  else void once(message.service, message.deadlineMs);
});

// Nothing is known at first, and the registry may be busy: counting begins when each service was found once.
await Promise.all(STREAM.map(found));
const begun = performance.now();
const progress = setInterval(() => tell({ type: "progress", calls, flows, failed: failures.length }), 1_000);
await Promise.all([
  regularly(Number(rate), (index) => streamed(STREAM[index % STREAM.length] ?? STREAM[0])),
  regularly(Number(flowRate), () => flow()),
]);
await Promise.all(underWay);
clearInterval(progress);
tell(report((performance.now() - begun) / 1_000));

function found({ service, path }: (typeof STREAM)[number]): Promise<true> {
  return until(
    `${service} is found`,
    async () => !((await attempt(service, "GET", path)) instanceof PeerUnavailable),
    30_000,
  );
}

/** Begins `work` so many times a second, whether or not it keeps up; after a stall it does not make up for all of it. */
async function regularly(perSecond: number, work: (index: number) => Promise<void>): Promise<void> {
  let due = performance.now();
  for (let index = 0; !stopping; ) {
    const now = performance.now();
    due = Math.max(due, now - 250);
    for (; due <= now; due += 1_000 / perSecond) {
      const one = work(index).finally(() => underWay.delete(one));
      underWay.add(one);
      index += 1;
    }
    await sleep(TICK_MS);
  }
}

async function streamed({ service, path }: (typeof STREAM)[number]): Promise<void> {
  const started = performance.now();
  const outcome = await attempt(service, "GET", path);
  const tookMs = performance.now() - started;
  if (!(outcome instanceof PeerUnavailable) && outcome.status === 200) {
    calls += 1;
    latencies.push(tookMs);
  } else fail(`GET ${path} of ${service}`, outcome, tookMs);
}

/** An order and its payment, each keyed; PaymentService asks OrderService for the order. */
async function flow(): Promise<void> {
  const started = performance.now();
  const order = await acknowledged("OrderService", "/api/orders/", {
    customer_name: "张三",
    total_amount: 1,
  });
  if (order === undefined) return;
  const payment = await acknowledged(
    "PaymentService",
    "/api/payments/",
    { order_id: order, method: "sandbox" },
    started,
  );
  if (payment !== undefined) flows += 1;
}

/** Posts until it is created, and gives its id. Only a database that is away is a reason to try again. */
async function acknowledged(
  service: string,
  path: string,
  body: object,
  started = performance.now(),
): Promise<string | undefined> {
  const key = { "idempotency-key": randomUUID() };
  for (;;) {
    const begunAt = performance.now();
    const outcome = await attempt(service, "POST", path, body, key);
    const tookMs = performance.now() - begunAt;
    if (!(outcome instanceof PeerUnavailable) && outcome.status === 201)
      return created.parse(JSON.parse(outcome.body)).id;
    const away = !(outcome instanceof PeerUnavailable) && codeOf(outcome) === "storage_unavailable";
    if (!away || performance.now() - started > FLOW_WITHIN_MS) {
      fail(`POST ${path} of ${service}`, outcome, tookMs);
      return undefined;
    }
    databaseAway += 1;
    await sleep(200);
  }
}

async function attempt(
  service: string,
  method: "GET" | "POST",
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
  deadlineMs = DEADLINE_MS,
): Promise<PeerReply | PeerUnavailable> {
  try {
    return await call(service, {
      method,
      path,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      retryable: true,
      deadline: Date.now() + deadlineMs,
    });
  } catch (error) {
    if (error instanceof PeerUnavailable) return error;
    throw error;
  }
}

async function once(service: string, deadlineMs: number): Promise<void> {
  const started = performance.now();
  const outcome = await attempt(service, "GET", "/health/", undefined, {}, deadlineMs);
  const tookMs = performance.now() - started;
  tell({ type: "answer", outcome: outcome instanceof Error ? outcome.code : String(outcome.status), tookMs });
}

function fail(what: string, outcome: PeerReply | PeerUnavailable, tookMs: number): void {
  const why = outcome instanceof Error ? outcome.message : `${outcome.status} ${outcome.body.slice(0, 300)}`;
  failures.push({ at: Date.now(), what, why, tookMs: Math.round(tookMs) });
}

function codeOf({ body }: PeerReply): string | undefined {
  try {
    return problem.parse(JSON.parse(body)).code;
  } catch {
    return undefined;
  }
}

function report(seconds: number): DriverReport {
  latencies.sort((one, other) => one - other);
  const at = (share: number) => Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 10) / 10;
  return {
    type: "report",
    seconds: Math.round(seconds * 10) / 10,
    calls,
    perSecond: Math.round(calls / seconds),
    flows,
    databaseAway,
    failures,
    p50: at(0.5),
    p99: at(0.99),
    longest: at(1 - 1 / Math.max(1, latencies.length)),
  };
}

// The one who started it may still want single calls; it ends with the channel.
process.once("disconnect", () => void close());
