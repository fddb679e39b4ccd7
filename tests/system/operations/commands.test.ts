// On the running system: a receiver that refuses one event, and the commands for operators.

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as z from "zod";
import { listen, portOf } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { mustRun } from "../../support/run.ts";
import { send, shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const eventBody = z.object({ event_id: z.string(), event: z.string(), related_id: z.string() });

/** A fake of NotificationService that accepts events; it refuses `order.created` of the order in `refuses`. */
let receiver: Server;
let refuses = "";
const taken: string[] = [];
let system: System;

beforeAll(async () => {
  receiver = createServer((request, reply) => {
    let text = "";
    request.on("data", (part) => {
      text += part;
    });
    request.on("end", () => {
      const { event, related_id } = eventBody.parse(JSON.parse(text));
      const bad = refuses === "all" || (related_id === refuses && event === "order.created");
      if (!bad) taken.push(`${related_id} ${event}`);
      reply.writeHead(bad ? 422 : 200, { "content-type": "application/json" });
      reply.end(JSON.stringify(bad ? { code: "body_invalid", detail: "not this one" } : { recorded: 1 }));
    });
  });
  await listen(receiver);
  system = await startSystem({
    env: { NOTIFICATION_SERVICE_URL: `http://127.0.0.1:${portOf(receiver)}` },
  });
});
afterAll(async () => {
  await system?.cleanUp();
  receiver.closeAllConnections();
  receiver.close();
});

/** What a command of tools/ prints, with the settings of the running system. */
async function command(name: string, ...args: string[]): Promise<string> {
  return commandWith({}, name, ...args);
}

/** The same, with `settings` instead of some of them. */
async function commandWith(settings: NodeJS.ProcessEnv, name: string, ...args: string[]): Promise<string> {
  const node = join(root, "node_modules", ".bin", "node");
  const stdout = await mustRun(node, [join(root, "tools", name, "main.ts"), ...args], {
    cwd: system.dataDir,
    env: { ...process.env, ...system.env, ...settings },
  });
  return stdout.trim();
}

const outbox = (...args: string[]): Promise<string> => command("outbox", ...args);

const health = async () => (await send("GET", `${system.urls.orders}/health/`)).body;

test("one refused event is parked, shown by health, log and command, delays no other, and is delivered when sent again", async () => {
  expect(await outbox("list")).toBe("Nothing is parked.");
  refuses = "all";
  const customer = shop(system);
  const { body: order } = await customer.order();
  refuses = order.id;
  const key = `${order.id}/order.created:1`;

  const list = await until("it is parked", async () => {
    const printed = await outbox("list", "--table", "orders");
    return printed.includes(key) && printed;
  });
  expect(list).toContain("NotificationService answered 422 body_invalid: not this one");
  await until("health counts it", async () => (await health()).outbox?.parked === 1);
  expect(await health()).toMatchObject({ status: "degraded", checks: { outbox: "degraded" } });

  // Its own order goes on, and so do others.
  await customer.cancelOrder(order.id);
  const { body: other } = await customer.order();
  await until("the others are delivered", () => {
    return taken.includes(`${order.id} order.cancelled`) && taken.includes(`${other.id} order.created`);
  });
  const logged = readFileSync(join(system.dataDir, "logs", "order-service.log"), "utf8");
  const alarms = logged.split("\n").filter((line) => line.includes("an event is parked"));
  expect(alarms.map((line) => JSON.parse(line))).toMatchObject([
    { level: "error", aggregate: order.id, event: "order.created:1" },
  ]);

  refuses = "";
  expect(await outbox("retry", key.replace(order.id, order.id.toUpperCase()))).toContain(
    "1 will be tried again",
  );
  await until("it is delivered as well", () => taken.includes(`${order.id} order.created`));
  expect(taken.filter((entry) => entry === `${order.id} order.created`)).toHaveLength(1);
  await until("nothing is parked", async () => (await outbox("list")) === "Nothing is parked.");
  await until("health is well", async () => (await health()).checks.outbox === "ok");
  await expect(outbox("retry", key)).rejects.toThrow("is parked");
});

test("npm run migrate finds nothing to do in what this version wrote", async () => {
  const lines = (await command("migrate", "--dry-run")).split("\n");
  const names = lines.map((line) => line.replace(/:.*/, ""));
  expect(names.sort()).toEqual(["deliveries", "notifications", "orders", "payments", "sandbox", "unmatched"]);
  expect(lines).toContainEqual(expect.stringMatching(/^orders: [1-9]\d* read, 0 to rewrite$/));
  for (const line of lines) expect(line).toMatch(/, 0 to rewrite$/);
});

test("npm run backup copies what runs, and npm run restore makes the data of another folder from it, once", async () => {
  const file = join(system.dataDir, "orders.backup");
  const rows = Number(/: (\d+) rows$/.exec(await command("backup", file))?.[1]);
  expect(rows).toBeGreaterThan(0);
  const DATA_DIR = join(system.dataDir, "elsewhere");
  const restore = (...more: string[]) => commandWith({ DATA_DIR }, "backup", "--restore", file, ...more);
  expect(await restore()).toBe(`${rows} rows restored`);
  await expect(restore()).rejects.toThrow("With --replace they are moved aside");
  expect(await restore("--replace")).toContain(`what was there before is in ${DATA_DIR}`);
});
