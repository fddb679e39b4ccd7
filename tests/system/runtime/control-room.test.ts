// The control room's API on the running system: what it shows of an order, of a runtime that is killed, and of one that is
// started again from there.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page, Session } from "../../../local/control-room/api.ts";
import type { SystemMap } from "../../../local/control-room/map-contract.ts";
import { notWell } from "../../../local/control-room/map-text.ts";
import type { LogLine, TraceDetail, TraceSummary } from "../../../local/control-room/telemetry-contract.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

let system: System;
let base: string;
let order: string;
let restarted: number | undefined;
/** What the map has shown from before the start until the first runtime has reported. */
let shownAtStart: readonly SystemMap[];

beforeAll(async () => {
  const [port] = await freePorts(1);
  base = `http://127.0.0.1:${port}`;
  const shown = shownUntil(({ runtimes: [runtime] }) => runtime?.state === "ok");
  system = await startSystem({ env: { DEBUG: "True", CONTROL_ROOM_PORT: String(port) } });
  shownAtStart = await shown;
  const customer = shop({ ...system, urls: { ...system.urls, orders: system.gatewayUrl } });
  order = (await customer.order()).body.id;
});
afterAll(async () => {
  if (restarted !== undefined) process.kill(restarted, "SIGKILL");
  await system?.cleanUp();
});

async function read<T>(path: string): Promise<T> {
  const reply = await fetch(base + path);
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  const value: T = JSON.parse(await reply.text());
  return value;
}

const map = () => read<SystemMap>("/api/map");

/** All maps until one is as `wanted`; before somebody listens there is none. */
async function shownUntil(wanted: (map: SystemMap) => boolean): Promise<readonly SystemMap[]> {
  const shown: SystemMap[] = [];
  await until("the map is as it should be", async () => {
    const now = await map();
    shown.push(now);
    return wanted(now);
  });
  return shown;
}

const states = ({ nodes }: SystemMap) => Object.fromEntries(nodes.map(({ name, state }) => [name, state]));

async function act(action: string, runtime: string | undefined, token?: string): Promise<number> {
  const { token: own } = await read<Session>("/api/session");
  const reply = await fetch(`${base}/api/actions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-control-room-token": token ?? own },
    body: JSON.stringify({ action, runtime }),
  });
  return reply.status;
}

const WELL = { OrderService: "ok", PaymentService: "ok", NotificationService: "ok", gateway: "ok" };

test("until the first report, a runtime starts, and nothing is broken", () => {
  expect(shownAtStart.length).toBeGreaterThan(1);
  expect(shownAtStart.flatMap((shown) => notWell({ map: shown }))).toEqual([]);
  const [first] = shownAtStart;
  expect([first?.runtimes, first?.starting]).toEqual([[], true]);
  expect(shownAtStart.at(-1)?.starting).toBe(false);
});

test("the start says where it is", () => {
  expect(system.logs()).toContain(`${base}/`);
});

test("a browser that opens the gateway gets there, and a client of the API what it always got", async () => {
  const open = (accept: string) =>
    fetch(`${system.gatewayUrl}/`, { headers: { accept }, redirect: "manual" });
  const page = await open("text/html,application/xhtml+xml,*/*;q=0.8");
  expect([page.status, page.headers.get("location")]).toEqual([303, base]);
  expect(await (await fetch(`${base}/`)).text()).toContain('<script type="module" src="/main.js">');
  expect((await fetch(`${base}/main.js`)).headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  await until("the map as text has the services", async () =>
    (await (await fetch(`${base}/text`)).text()).includes("OrderService"),
  );
  const other = await open("*/*");
  expect([other.status, other.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
});

test("the map shows services, instances and calls", async () => {
  const found = await until("the calls are on the map", async () => {
    const now = await map();
    const ends = now.edges.map(({ from, to }) => `${from} → ${to}`);
    const wanted = ["client → gateway", "gateway → OrderService", "OrderService → NotificationService"];
    const asked = now.database.state !== "unknown" && now.runtimes[0]?.state === "ok";
    return asked && wanted.every((edge) => ends.includes(edge)) ? now : undefined;
  });
  expect(states(found)).toEqual(WELL);
  expect([found.registry.state, found.database.state]).toEqual(["ok", "ok"]);
  expect(found.runtimes).toEqual([expect.objectContaining({ pid: system.pid, state: "ok" })]);
});

test("an order's trace and its lines are found", async () => {
  const { items } = await until("the trace is whole", async () => {
    const page = await read<Page<TraceSummary>>(`/api/traces?attribute=cfmp.order.id%3D${order}`);
    return page.items.some(({ services }) => services.includes("NotificationService")) ? page : undefined;
  });
  const id = items.find(({ root_service }) => root_service === "gateway")?.trace_id;
  const detail = await read<TraceDetail>(`/api/traces/${id}`);
  expect(detail.spans.map(({ service }) => service)).toEqual(
    expect.arrayContaining(["gateway", "OrderService", "NotificationService"]),
  );
  const lines = await until("its lines are there", async () => {
    const page = await read<Page<LogLine>>(`/api/logs?trace_id=${id}`);
    return page.items.length > 0 ? page.items : undefined;
  });
  expect(lines.map(({ service }) => service)).toContain("OrderService");
});

test("a service of another language is on the map by its spans", async () => {
  const now = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    name: "GET /",
    kind: 2,
    startTimeUnixNano: String(now),
    endTimeUnixNano: String(now + 1_000_000n),
  };
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "django" } }] };
  const reply = await fetch(`${base}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });
  expect(reply.status).toBe(200);
  const { nodes } = await map();
  expect(nodes.find(({ name }) => name === "django")).toMatchObject({
    origin: "other",
    traffic: { count: 1 },
  });
});

describe("whoever is not the page", () => {
  test("ends nothing without the token", async () => {
    const [runtime] = (await map()).runtimes;
    expect(await act("kill", runtime?.id, "x".repeat(48))).toBe(403);
    expect(system.pids()).toContain(system.pid);
  });

  test("reports nothing without a runtime's token", async () => {
    const reply = await fetch(`${base}/runtime`, {
      method: "POST",
      headers: { authorization: "Bearer x" },
      body: "{}",
    });
    expect(reply.status).toBe(401);
  });

  test("reads nothing from a page of another origin", async () => {
    const reply = await fetch(`${base}/api/session`, { headers: { origin: "http://evil.example" } });
    expect(reply.status).toBe(403);
  });
});

test("a killed runtime is shown as down, the control room stays, and starts it again", async () => {
  const stream = await fetch(`${base}/api/events?topics=map`);
  const [runtime] = (await map()).runtimes;
  expect(await act("kill", runtime?.id)).toBe(200);
  await until("it is shown as down", async () => (await map()).runtimes[0]?.state === "down");
  expect(new Set(Object.values(states(await map())))).toEqual(new Set(["down", "unknown"]));
  expect(await act("kill", runtime?.id)).toBe(409);
  expect(await act("restart", runtime?.id)).toBe(200);
  const isWell = (now: SystemMap) =>
    Object.entries(WELL).every(([name, state]) => states(now)[name] === state);
  const shown = await shownUntil(isWell);
  expect(shown[0]?.starting).toBe(true);
  expect(states(shown[0] as SystemMap)).toMatchObject({ OrderService: "starting", gateway: "starting" });
  const whileItStarts = shown.filter(({ starting }) => starting);
  expect(whileItStarts.flatMap((now) => notWell({ map: now }))).toEqual([]);
  const again = shown.at(-1);
  restarted = again?.runtimes[0]?.pid;
  expect(again?.runtimes.map(({ id }) => id)).not.toContain(runtime?.id);
  const page = await read<Page<TraceSummary>>(`/api/traces?attribute=cfmp.order.id%3D${order}`);
  expect(page.items.length).toBeGreaterThan(0);
  await stream.body?.cancel();
});
