import { createServer, type Server, type ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { eventually } from "../../tests/support/poll.ts";
import { platform } from "../platform/platform.ts";
import { countParkedWrite } from "../storage/parked-writes.ts";
import { aggregateTable } from "../storage/table-definition.ts";
import type { HttpHandler } from "./handler.ts";
import { healthHandler } from "./health.ts";
import { send, things } from "./test-things.ts";

type Mood = "answers" | "refuses" | "hangs" | "can be read";

/** A database in a mood. */
let database: Server;
let mood: Mood = "answers";
/** Replies that hang. */
const hanging: ServerResponse[] = [];
/** What its index says is parked. */
let parked: readonly string[] = [];

/** Number of requests that the database has got. */
let asked = 0;

beforeAll(async () => {
  database = createServer((request, reply) => {
    if (mood === "hangs") {
      hanging.push(reply);
      return;
    }
    asked += 1;
    const refused = JSON.stringify({ __type: "com.amazonaws#ResourceNotFoundException" });
    const rows = { Items: parked.map((id) => ({ id: { S: id }, due_at: { S: `9999#${id}` } })) };
    let received = "";
    request.on("data", (part) => {
      received += part;
    });
    request.on("end", () => {
      const answer = received.includes('"parked#0"') ? JSON.stringify(rows) : "{}";
      if (mood === "can be read") reply.setHeader("x-database-write-failure", "its disk is full");
      reply.writeHead(mood === "refuses" ? 400 : 200).end(mood === "refuses" ? refused : answer);
    });
  });
  await new Promise<void>((resolve) => database.listen(0, "127.0.0.1", resolve));
  const address = database.address();
  Object.assign(process.env, {
    SECRET_KEY: "a secret of this test and nothing else",
    CFMP_INSTANCE: "i-1",
    DB_HOST: "127.0.0.1",
    DB_PORT: String(address !== null && typeof address === "object" ? address.port : 0),
  });
});
afterEach(() => {
  globalThis.cfmpOrderDraining = undefined;
});
afterAll(async () => {
  become("answers");
  await platform().discovery.close();
  // After its last reply: a request that is cut off is sent again, for seconds.
  await platform().database.close();
  database.close();
});

/** From now on the database is in this mood; what hung is answered, unless it still hangs. */
function become(next: Mood): void {
  mood = next;
  if (next !== "hangs") for (const reply of hanging.splice(0)) reply.end("{}");
}

const health = (): Promise<Awaited<ReturnType<typeof send>>> =>
  send(fresh(), { method: "GET", path: "/health/" });
const fresh = (): HttpHandler => healthHandler(things, [aggregateTable("things")]);

describe("health", () => {
  test("names the service and the instance, and is ok when the database answers", async () => {
    become("answers");
    await eventually(async () => {
      const { status, body } = await health();
      expect(status).toBe(200);
      expect(body).toMatchObject({
        status: "ok",
        service: "ThingService",
        instance: "i-1",
        version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
        checks: { database: "ok", registry: "ok", outbox: "ok" },
        outbox: { lag_s: 0, parked: 0 },
      });
      expect(body.uptime_s).toBeGreaterThanOrEqual(0);
    });
  });

  test("of a service that keeps nothing does not lean on the database", async () => {
    become("hangs");
    for (const tables of [[], [{ name: "plain", key: "user", indexes: [], keyIndexes: [] }]]) {
      const { status, body } = await send(healthHandler(things, tables), { method: "GET", path: "/health/" });
      expect([status, body.status, body.checks]).toEqual([200, "ok", { registry: "ok" }]);
    }
  });

  test("is degraded, and still serves, when the database refuses", async () => {
    become("refuses");
    await eventually(async () => {
      const { status, body } = await health();
      expect([status, body.status, body.checks.database]).toEqual([200, "degraded", "degraded"]);
    });
  });

  test("is degraded, and says why, when nothing can be written", async () => {
    become("can be read");
    await eventually(async () => {
      const { status, body } = await health();
      expect([status, body.status, body.checks.database]).toEqual([200, "degraded", "degraded"]);
      expect(body.reasons).toEqual({ database: "nothing is written: its disk is full" });
    });
    become("answers");
    await eventually(async () => {
      const { body } = await health();
      expect([body.checks.database, body.reasons]).toEqual(["ok", undefined]);
    });
  });

  test("is degraded when the database never answers, long before a request to it is given up", async () => {
    become("hangs");
    let givenUp = false;
    platform()
      .table("things")
      .get("an item")
      .catch(() => {
        givenUp = true;
      });
    const { status, body } = await health();
    expect([status, body.status, body.checks.database]).toEqual([200, "degraded", "down"]);
    expect(givenUp).toBe(false);
  });

  test("queries the database once a second at most", async () => {
    become("answers");
    const handler = fresh();
    const clock = jest.spyOn(performance, "now").mockReturnValue(1e9);
    const { body: first } = await send(handler, { method: "GET" });
    become("refuses");
    expect((await send(handler, { method: "GET" })).body.status).toBe(first.status);
    clock.mockReturnValue(1e9 + 1_001);
    await send(handler, { method: "GET" });
    expect((await send(handler, { method: "GET" })).body.checks.database).toBe("degraded");
    clock.mockRestore();
  });

  test("costs an idle minute few queries: one a second of the database, and two looks at the outboxes", async () => {
    become("answers");
    const handler = fresh();
    const clock = jest.spyOn(performance, "now");
    const at = (second: number) => clock.mockReturnValue(2e9 + second * 1_001);
    at(0);
    await send(handler, { method: "GET" });
    const before = asked;
    for (let second = 1; second <= 60; second += 1) {
      at(second);
      await send(handler, { method: "GET" });
    }
    // A look is a query for each of four shards and four of what is parked.
    expect(asked - before).toBeLessThanOrEqual(60 + 2 * 8);
    clock.mockRestore();
  });

  test("shows at the next check what this process has parked, and soon that it is no longer", async () => {
    become("answers");
    const handler = fresh();
    const clock = jest.spyOn(performance, "now");
    let now = 3e9;
    const shown = async (afterMs: number) => {
      now += afterMs;
      clock.mockReturnValue(now);
      return (await send(handler, { method: "GET" })).body.outbox.parked;
    };
    expect(await shown(0)).toBe(0);
    parked = ["order-1"];
    expect(await shown(1_001)).toBe(0);
    countParkedWrite();
    expect(await shown(1_001)).toBe(1);
    parked = [];
    expect(await shown(5_001)).toBe(0);
    clock.mockRestore();
  });

  test("is degraded when a delivery was given up, and says how many", async () => {
    become("answers");
    parked = ["order-1", "order-2"];
    await eventually(async () => {
      const { status, body } = await health();
      expect([status, body.status, body.checks.outbox]).toEqual([200, "degraded", "degraded"]);
      expect(body.outbox).toEqual({ lag_s: 0, parked: 2 });
    });
    const tolerant = healthHandler(things, [aggregateTable("things")], { parkedDegrades: false });
    await eventually(async () => {
      const { body } = await send(tolerant, { method: "GET", path: "/health/" });
      expect([body.checks.outbox, body.outbox?.parked]).toEqual(["ok", 2]);
    });
    parked = [];
  });

  test("is down while the instance starts or drains, so that it gets no new work", async () => {
    become("answers");
    globalThis.cfmpOrderDraining = true;
    const { status, body, headers } = await health();
    expect([status, body.status, headers["retry-after"]]).toEqual([503, "down", "1"]);
  });
});
