// A process that calls the services through lib/discovery all the time, and counts what fails. It outlives them. Started
// by driver.ts with the fleet's settings in the environment.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { loadConfig } from "../../../lib/config/env.ts";
import { createDiscovery } from "../../../lib/discovery/index.ts";
import { type PeerReply, PeerUnavailable } from "../../../lib/discovery/peer/peer.ts";
import { endWithParent, readJob, send } from "../../support/parent.ts";
import { until } from "../../support/poll.ts";
import { quantile } from "../../support/quantiles.ts";
import { silentLog } from "../../support/silent-log.ts";

export interface DriverJob {
  /** Calls of the stream, and flows of two commands, per second. */
  readonly rate: number;
  readonly flowRate: number;
}

export type ToDriver =
  | { readonly type: "stop" }
  /** One call of its own, to see how it fails when nobody lives. */
  | { readonly type: "once"; readonly service: string; readonly deadlineMs: number };

export interface Failure {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly what: string;
  readonly why: string;
  readonly tookMs: number;
}

export interface DriverReport {
  readonly type: "report";
  readonly seconds: number;
  /** Calls of the stream that were answered as they should be. */
  readonly calls: number;
  /** Orders created and paid; paying makes PaymentService call OrderService. */
  readonly flows: number;
  /** Answers "the database does not answer", after which the same keyed command was sent again. */
  readonly databaseAway: number;
  readonly failures: readonly Failure[];
  /** Milliseconds of an answered call of the stream. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

export type FromDriver =
  | { readonly type: "progress"; readonly calls: number }
  | { readonly type: "answer"; readonly outcome: string; readonly tookMs: number }
  | DriverReport;

/** More than any of it takes on a busy machine: a call fails because nobody answers, not because time is short. */
const DEADLINE_MS = 60_000;
/** A flow goes on through a restart of the database. */
const FLOW_WITHIN_MS = 180_000;
const TICK_MS = 5;
const MOST_UNDER_WAY = 40;

/** Routes that need no database: whether they are answered depends on discovery alone. */
const STREAM = [
  { service: "OrderService", path: "/api/orders/discover/payment/" },
  { service: "PaymentService", path: "/health/" },
  { service: "NotificationService", path: "/health/" },
] as const;

const problem = z.object({ code: z.string() });
const created = z.object({ id: z.string() });

const { rate, flowRate } = readJob<DriverJob>();
const { call } = createDiscovery(loadConfig(), silentLog);
const failures: Failure[] = [];
const latencies: number[] = [];
const underWay = new Set<Promise<void>>();
let calls = 0;
let flows = 0;
let databaseAway = 0;
let stopping = false;

const say = (message: FromDriver): void => send(message);

endWithParent();
process.on("message", (message: ToDriver) => {
  if (message.type === "stop") stopping = true;
  else void once(message.service, message.deadlineMs);
});

// Nothing is known at first, and the registry may be busy: counting begins when each service was found once.
await Promise.all(STREAM.map(found));
const begun = performance.now();
const progress = setInterval(() => say({ type: "progress", calls }), 500);
await Promise.all([
  regularly(rate, (index) => streamed(STREAM[index % STREAM.length] ?? STREAM[0])),
  regularly(flowRate, () => flow()),
]);
await Promise.all(underWay);
clearInterval(progress);
say(report((performance.now() - begun) / 1_000));

function found({ service, path }: (typeof STREAM)[number]): Promise<true> {
  return until(
    `${service} is found`,
    async () => !((await attempt(service, "GET", path)) instanceof PeerUnavailable),
  );
}

/**
 * Begins `work` so many times a second, also while answers are missing; after a stall it does not make up for all of it,
 * and a machine that is too busy to keep up gets no more than it can take.
 */
async function regularly(perSecond: number, work: (index: number) => Promise<void>): Promise<void> {
  let due = performance.now();
  for (let index = 0; !stopping; ) {
    const now = performance.now();
    due = Math.max(due, now - 250);
    for (; due <= now; due += 1_000 / perSecond) {
      if (underWay.size >= MOST_UNDER_WAY) continue;
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

/** An order and its payment, each keyed; PaymentService requests the lease from OrderService. */
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
      caller: "driver",
      method,
      path,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      retryable: true,
      deadline: performance.now() + deadlineMs,
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
  say({ type: "answer", outcome: outcome instanceof Error ? outcome.code : String(outcome.status), tookMs });
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
  const at = (share: number) => Math.round((quantile(latencies, share) || 0) * 10) / 10;
  return {
    type: "report",
    seconds: Math.round(seconds * 10) / 10,
    calls,
    flows,
    databaseAway,
    failures,
    p50: at(0.5),
    p99: at(0.99),
    longest: at(1),
  };
}
