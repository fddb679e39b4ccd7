// What the control room says of the promises and of an order, on the running system: compared with the database and the mails.

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createTokens } from "../../../lib/auth/tokens.ts";
import type { Page } from "../../../local/control-room/api.ts";
import type { OrderDetail, OrderSummary, PromisesView } from "../../../local/control-room/orders/contract.ts";
import { type Database, openDatabase } from "../../../tools/database.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { run } from "../../support/run.ts";
import { orderIn, send, shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

const ADDRESS = "watched@shop.example";
const SECRET_KEY = "of a test, and long enough for one: 0123456789";
const root = join(import.meta.dirname, "..", "..", "..");

let system: System;
let base: string;
let database: Database;
let order: string;
let payment: string;

beforeAll(async () => {
  const [port] = await freePorts(1);
  base = `http://127.0.0.1:${port}`;
  const env = { DEBUG: "True", CONTROL_ROOM_PORT: String(port), SECRET_KEY };
  system = await startSystem({ env });
  database = openDatabase(undefined, { ...process.env, ...system.env });
  const tokens = createTokens({ SECRET_KEY, TOKEN_AUDIENCE: database.config.TOKEN_AUDIENCE });
  const token = await tokens.mintUser({ sub: "watched", email: ADDRESS }, 600);
  const buyer = shop(system, "watched", { authorization: `Bearer ${token}` });
  order = (await buyer.order({ customer_name: "Somebody Real", total_amount: 299.99, seller_id: "sam" })).body
    .id;
  // On a busy machine a service may be out of the registry for a moment, which is answered with 503.
  payment = await until("the payment is begun", async () => (await buyer.pay(order)).body.id);
  await until("it is decided", async () => [202, 409].includes((await buyer.simulate(payment)).status));
  await orderIn(buyer, order, "paid");
  await buyer.refund(payment, { amount: "50.00", reason: "damaged" });
  await buyer.completeOrder(order);
});
afterAll(async () => {
  await database?.close();
  await system?.cleanUp();
});

async function read<T>(path: string): Promise<T> {
  const reply = await fetch(base + path);
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  const value: T = JSON.parse(await reply.text());
  return value;
}

const promises = () => read<PromisesView>("/api/promises");
const detail = (id: string) => read<OrderDetail>(`/api/orders/${id}`);
const TABLES = ["orders", "payments", "sandbox", "notifications"];

/** The items of the order in the database, with their versions. */
async function stored(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const table of TABLES)
    for await (const ids of database.pages(table))
      for (const id of ids) found.push(`${table} ${id} ${(await database.table(table).get(id))?.version}`);
  return found.sort();
}

async function mails(): Promise<number> {
  const { body } = await send("GET", `${system.mailUrl}/api/messages`);
  const messages: readonly object[] = body.items;
  return messages.filter((message) => JSON.stringify(message).includes(ADDRESS)).length;
}

test("an order's time line has every write of every item, and every mail, that there is", async () => {
  const { timeline, items } = await until("all is done, and seen", async () => {
    const view = await promises();
    const found = await detail(order);
    const sent = found.timeline.filter((entry) => entry.kind === "span" && entry.what === "mail").length;
    const there = await stored();
    const seen = found.items.map(({ item, item_id, version }) => `${item} ${item_id} ${version}`).sort();
    const whole = sent === (await mails()) && sent > 2 && String(there) === String(seen);
    return view.unfinished.orders === 0 && view.pending === 0 && whole && found;
  });
  for (const { version, seen } of items) expect(seen).toBe(version);
  const writes = timeline.filter((entry) => entry.kind === "write");
  expect(writes).toHaveLength(items.reduce((sum, { version }) => sum + version, 0));
  expect(writes.some(({ whole }) => whole)).toBe(false);
  const statuses = writes.flatMap(({ item, changes }) =>
    item === "orders" ? changes.filter(({ path }) => path === "status").map(({ after }) => after) : [],
  );
  expect(statuses).toEqual(["pending", "paid", "completed"]);
  const kinds = timeline.flatMap((entry) => (entry.kind === "span" ? [entry.what] : []));
  for (const kind of ["request", "call", "callback", "delivery", "provider", "mail"] as const)
    expect(kinds).toContain(kind);
  // It may be sent to somebody else: what people have written is not in it.
  expect(JSON.stringify(timeline)).not.toMatch(/Somebody Real|watched@/);
});

test("an order is found by its user, status and time, and by its payment's id", async () => {
  const ids = async (query: string) =>
    (await read<Page<OrderSummary>>(`/api/orders?${query}`)).items.map(({ order_id }) => order_id);
  expect(await ids("user=sam&status=completed")).toEqual([order]);
  expect(await ids("user=watched&status=pending")).toEqual([]);
  expect(await ids(`since=${Date.now() + 60_000}`)).toEqual([]);
  expect((await detail(payment)).order.order_id).toBe(order);
  expect((await fetch(`${base}/api/orders/none`)).status).toBe(404);
});

const statusBy = (env: NodeJS.ProcessEnv, ...args: string[]) =>
  run(join(root, "node_modules", ".bin", "node"), [join(root, "tools", "status", "main.ts"), ...args], {
    cwd: system.dataDir,
    env: { ...process.env, ...system.env, ...env },
  });
const status = (...args: string[]) => statusBy({}, "--promises", ...args);
/** As in another shell, whose settings do not say where the control room is. */
const statusElsewhere = () => statusBy({ CONTROL_ROOM_PORT: "off" });

test("a planted violation is found with its order, and npm run status says the same until it is repaired", async () => {
  await until("all is well", async () => (await status()).code === 0);
  const table = database.table("orders");
  const before = await table.get(order);
  if (before === undefined) throw new Error("The order is not there");
  const doc = before.doc.replace('"status":"completed"', '"status":"cancelled"');
  await table.put({ ...before, version: before.version + 1, doc }, before.version);
  await until("the violation is found", async () => (await promises()).violations.length > 0);
  const { violations } = await promises();
  expect(new Set(violations.map(({ order_id }) => order_id))).toEqual(new Set([order]));
  expect(violations.map(({ promise }) => promise)).toContain("money");
  const { code, stdout } = await status();
  expect([code, stdout.includes(`VIOLATION of "money", order ${order}`)]).toEqual([1, true]);
  const elsewhere = await statusElsewhere();
  expect([elsewhere.code, /\d VIOLATIONS/.test(elsewhere.stdout)]).toEqual([1, true]);
  const said: { readonly promises: PromisesView } = JSON.parse((await status("--json")).stdout);
  expect(said.promises.violations).toEqual(violations);
  await table.put({ ...before, version: before.version + 2 }, before.version + 1);
  await until("it is repaired", async () => (await promises()).violations.length === 0);
  // Parts that do not answer in time, as on a busy machine, are said as well.
  await until("status says so", async () => (await status()).code === 0);
  await until("it says so elsewhere", async () => {
    const { code: repaired, stdout: text } = await statusElsewhere();
    return repaired === 0 && text.includes("1 money");
  });
});

test("after a kill it is said how long it took until all was done", async () => {
  process.kill(system.pid, "SIGKILL");
  const { settled } = await until("all is settled", async () => {
    const view = await promises();
    return view.settled?.settled_ms != null && view;
  });
  expect(settled?.fault).toBe(`process ${system.pid} ended`);
});
