// Calls a service at a steady rate, by lib/discovery or by the `nacos` package with random choice, and counts what fails.

import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { loadConfig } from "../../../lib/config/env.ts";
import { createDiscovery } from "../../../lib/discovery/index.ts";
import type { Attempt } from "../../../lib/discovery/peer/attempt.ts";
import { PeerHttp } from "../../../lib/discovery/peer/peer-http.ts";
import { loadNacos, onPackageError } from "../../../lib/nacos/package.ts";
import { endWithParent, readJob, send } from "../../../tests/support/parent.ts";
import { silentLog } from "../../../tests/support/silent-log.ts";
import { wallClock } from "../clock.ts";
import type { CallerJob, FailedAttempt, Seen, ToCaller } from "../messages.ts";

endWithParent();
const job = readJob<CallerJob>();
const DEADLINE_MS = 5_000;
/** What the plain client's user sets, as lib/discovery does: else a hung instance would hang its callers. */
const TIMEOUT_MS = 2_000;
const TICK_MS = 5;

let calls = 0;
let slowestMs = 0;
let failedCalls: { at: number; why: string }[] = [];
let failedAttempts: FailedAttempt[] = [];
let served: Record<number, { first: number; last: number }> = {};

const call = await (job.by === "ours" ? ours() : plain());
process.on("message", (message: ToCaller) => {
  if (message.type !== "report") return;
  const seen: Seen = { calls, failedCalls, failedAttempts, served, slowestMs };
  send({ type: "seen", seen });
  calls = 0;
  slowestMs = 0;
  failedCalls = [];
  failedAttempts = [];
  served = {};
});

const pause = 1_000 / job.perSecond;
for (let due = performance.now(); ; await sleep(TICK_MS)) {
  const now = performance.now();
  // After a stall it does not make up for all of it.
  due = Math.max(due, now - 250);
  for (; due <= now; due += pause) void once();
}

async function once(): Promise<void> {
  const began = performance.now();
  const at = wallClock();
  try {
    await call();
  } catch (cause) {
    failedCalls.push({ at, why: cause instanceof Error ? cause.message : String(cause) });
  }
  calls += 1;
  slowestMs = Math.max(slowestMs, performance.now() - began);
}

/** One attempt, noted under its port. */
async function noted<T extends { readonly status: number }>(port: number, attempt: Promise<T>): Promise<T> {
  const at = wallClock();
  try {
    const reply = await attempt;
    if (reply.status === 200) served[port] = { first: served[port]?.first ?? wallClock(), last: wallClock() };
    else failedAttempts.push({ at, port, why: `status ${reply.status}` });
    return reply;
  } catch (cause) {
    failedAttempts.push({ at, port, why: cause instanceof Error ? cause.message : String(cause) });
    throw cause;
  }
}

async function ours(): Promise<() => Promise<void>> {
  const config = loadConfig({ NACOS_SERVER: job.nacosServer, DATA_DIR: job.dataDir });
  const discovery = createDiscovery(config, silentLog);
  const http = new PeerHttp();
  const by = discovery.callBy({
    send: (attempt: Attempt) => noted(Number(new URL(attempt.origin).port), http.send(attempt)),
  });
  return async () => {
    const { status } = await by(job.service, {
      caller: "bench",
      method: "POST",
      path: "/answer/",
      headers: { "content-type": "application/json" },
      body: "{}",
      retryable: true,
      deadline: performance.now() + DEADLINE_MS,
    });
    if (status !== 200) throw new Error(`status ${status}`);
  };
}

async function plain(): Promise<() => Promise<void>> {
  const { NacosNamingClient } = await loadNacos();
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const client = new NacosNamingClient({
    logger: quiet,
    serverList: job.nacosServer,
    namespace: "public",
  });
  // Else it prints them.
  onPackageError(client, () => {});
  await client.ready();
  const dispatcher = new Agent({ connections: 64, keepAliveTimeout: 4_000, connect: { timeout: 1_000 } });
  const ask = async (port: number) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const headers = { "content-type": "application/json" };
    const url = `http://127.0.0.1:${port}/answer/`;
    const reply = await request(url, { method: "POST", headers, body: "{}", dispatcher, signal });
    await reply.body.text();
    return { status: reply.statusCode };
  };
  return async () => {
    const hosts = await client.getAllInstances(job.service, "DEFAULT_GROUP", "DEFAULT", true);
    const healthy = hosts.filter((host) => host.healthy && host.enabled && host.weight > 0);
    const chosen = healthy[Math.floor(Math.random() * healthy.length)];
    if (chosen === undefined) throw new Error("no healthy instance");
    const { status } = await noted(chosen.port, ask(chosen.port));
    if (status !== 200) throw new Error(`status ${status}`);
  };
}
