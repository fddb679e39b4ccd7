// A configuration published in the registry counts in all services of all processes, while they run.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { until } from "../../support/poll.ts";
import { publishConfig, removeConfig } from "../../support/publish.ts";
import { send, shop } from "../../support/shop.ts";
import { type System, startBeside, startSystem } from "../../support/system.ts";

const KEY = { dataId: "cfmp-order", group: "DEFAULT_GROUP" };

let system: System;
let second: System;
/** Base URLs of all instances of all services. */
let instances: readonly string[];

beforeAll(async () => {
  // The second process polls by v3, the first gets pushes by v1.
  system = await startSystem({ env: { NACOS_API: "v1" } });
  second = await startBeside(system, ["orders"], { NACOS_API: "v3" });
  instances = [...Object.values(system.urls), second.urls.orders];
});

afterAll(async () => {
  await second?.cleanUp();
  await system?.cleanUp();
});

const publish = (content: unknown) =>
  publishConfig(system.registryUrl, KEY, typeof content === "string" ? content : JSON.stringify(content));

const states = () =>
  Promise.all(instances.map(async (url) => (await send("GET", `${url}/health/`)).body.config));

/** How long until `look` is true of all instances, in milliseconds. */
async function seenAfter(what: string, look: (url: string) => Promise<boolean>): Promise<number> {
  const began = performance.now();
  const times = instances.map(async (url) => {
    await until(`${url}: ${what}`, () => look(url));
    return performance.now() - began;
  });
  return Math.max(...(await Promise.all(times)));
}

afterEach(async () => {
  await removeConfig(system.registryUrl, KEY);
  await seenAfter("the environment counts again", async (url) => {
    const { config } = (await send("GET", `${url}/health/`)).body;
    return config.source === "environment" && !config.refused;
  });
});

/** Without a push a process notices a change when its long poll ends, after 25 s. */
const FOUND_OUT_MS = 20_000;

test("every process gets it at once, and logs what changed", async () => {
  await publish({ page_size_max: 7, log_level: "warn" });
  const took = await seenAfter("it counts", async (url) => {
    const { config } = (await send("GET", `${url}/health/`)).body;
    return config.source === "nacos" && !config.refused;
  });
  console.log(
    `a change was applied by ${instances.length} instances of two processes within ${Math.round(took)} ms`,
  );
  expect(took).toBeLessThan(FOUND_OUT_MS);
  for (const each of [system, second]) {
    await until("it is in the log", () => /page_size_max: 100 → 7.*log_level: info → warn/.test(each.logs()));
  }
});

describe("what it sets counts without a restart", () => {
  test("sizes of pages", async () => {
    const customer = shop(system);
    for (let n = 0; n < 4; n += 1) await customer.order();
    const sizes = async () => [
      (await customer.orders()).body.items.length,
      (await customer.orders("?limit=100")).body.items.length,
    ];
    expect(await sizes()).toEqual([4, 4]);
    await publish({ page_size_default: 2, page_size_max: 3 });
    await until("pages are smaller", async () => JSON.stringify(await sizes()) === "[2,3]");
  });

  test("how long orders and payments live", async () => {
    const customer = shop(system);
    await publish({ order_expiry_minutes: 120, payment_expiry_minutes: 5 });
    const minutes = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 60_000);
    const order = await until("orders live longer", async () => {
      const { body } = await customer.order();
      return minutes(body.created_at, body.expires_at) === 120 && body;
    });
    await until("payments live shorter", async () => {
      const { body } = await customer.pay((await customer.order()).body.id);
      return minutes(body.created_at, body.expires_at) === 5;
    });
    expect(order.status).toBe("pending");
  });

  test("the switch for payments: none is begun, those under way go on", async () => {
    const customer = shop(system);
    const order = (await customer.order()).body;
    const payment = (await customer.pay(order.id)).body;
    await publish({ payments_enabled: false });
    const refused = await until("none is begun", async () => {
      const answer = await customer.pay((await customer.order()).body.id);
      return answer.status === 503 && answer;
    });
    expect(refused.body.code).toBe("payments_disabled");
    expect(refused.headers["retry-after"]).toBe("60");
    expect((await customer.simulate(payment.id)).status).toBeLessThan(300);
    await until("the order is paid", async () => (await customer.readOrder(order.id)).body.status === "paid");
    await removeConfig(system.registryUrl, KEY);
    await until("payments are taken again", async () => {
      return (await customer.pay((await customer.order()).body.id)).status === 201;
    });
  });
});

test("what is not acceptable is refused by name, the last good one stays, and `/health/` says so", async () => {
  const customer = shop(system);
  for (let n = 0; n < 4; n += 1) await customer.order();
  await publish({ page_size_max: 3 });
  await seenAfter("it counts", async (url) => {
    return (await send("GET", `${url}/health/`)).body.config.source === "nacos";
  });
  await publish({ page_size_max: 2, page_sise_default: 1, discovery: { attempts_per_call: 0 } });
  await seenAfter("it is refused", async (url) => (await send("GET", `${url}/health/`)).body.config.refused);
  expect((await customer.orders("?limit=9")).body.items).toHaveLength(3);
  await until("the health says so", async () => {
    return (await send("GET", `${system.urls.orders}/health/`)).body.status === "degraded";
  });
  expect(await states()).toEqual(
    instances.map(() => expect.objectContaining({ source: "nacos", refused: true })),
  );
  const lines = system
    .logs()
    .split("\n")
    .filter((line) => line.includes("cfmp-order is refused"));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/page_sise_default/);
  expect(lines[0]).toMatch(/discovery\.attempts_per_call/);
});
