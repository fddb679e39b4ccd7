// Places in the embedded database, for requests of two processes.

import { describe, expect, test } from "@jest/globals";
import { createTokens } from "../../lib/auth/tokens.ts";
import { StorageUnavailable } from "../../lib/storage/errors.ts";
import { PushBrowser } from "../../tests/support/push-browser.ts";
import { handle as connect } from "./handlers/connect-live.ts";
import { handle as disconnect } from "./handlers/disconnect-live.ts";
import { connectionRecords } from "./live/connection-records.ts";
import { places } from "./places.ts";
import { ownSubscriptions, subscribe } from "./push/own-subscriptions.ts";
import { subscriptionOf } from "./push/subscription.ts";
import { subscriptionRecords } from "./push/subscription-records.ts";
import { createNotificationService } from "./service.ts";
import { recordsDatabase } from "./test-records.ts";
import { testWorld } from "./test-world.ts";

const database = recordsDatabase();
const config = { DEBUG: true, CORS_ORIGINS: [] };
const tokens = createTokens({
  SECRET_KEY: "a secret of this test alone, as long as it must be",
  TOKEN_AUDIENCE: "a",
});

const succeeded = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.filter(({ status }) => status === "fulfilled").length;

const codes = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  new Set(outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : [])));

/** NotificationService of a process with records in the database. */
function process() {
  const { client, endpoint } = database();
  const world = testWorld();
  const connections = connectionRecords(client, endpoint, "test-connections");
  const subscriptions = subscriptionRecords(client, endpoint, "test-subscriptions");
  const ports = {
    ...world.service.ports,
    live: { ...world.live, records: connections },
    push: { ...world.push, records: subscriptions },
  };
  return { world, connections, subscriptions, ports, service: createNotificationService(ports) };
}

type Process = ReturnType<typeof process>;

/** What comes of a request: on a slow machine the database may not answer in time, and the same is asked again. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error;
    }
  }
}

/** Opens `count` connections of the user at once, at each process in turn. */
const open = (processes: readonly Process[], user: string, count: number, from = 0) =>
  Promise.allSettled(
    Array.from({ length: count }, (_, n) => {
      const at = processes[n % processes.length];
      const domainName = `127.0.0.1:${n % processes.length}`;
      const requestContext = {
        routeKey: "$connect",
        connectionId: `${user}-${from + n}`,
        domainName,
        stage: "local",
      };
      const request = { requestContext, headers: { uuid: user } };
      return at && answered(() => connect(at.service, request, { config, tokens }));
    }),
  );

/** Subscribes `count` browsers of the user at once. */
const subscribeAll = (processes: readonly Process[], user: string, count: number, from = 0) =>
  Promise.allSettled(
    Array.from({ length: count }, (_, n) => {
      const at = processes[n % processes.length];
      const browser = at && browserOf(at, user, from + n);
      return browser && answered(() => subscribe(at.ports, browser));
    }),
  );

const browserOf = ({ ports }: Process, user: string, n: number) =>
  subscriptionOf(new PushBrowser(`https://push.example/${user}-${n}`).toJSON(), {
    user: { id: user },
    vapidKeys: ports.push.vapidKeys().map(({ publicKey }) => publicKey),
    anywhere: false,
    now: ports.now(),
  });

describe("Places", () => {
  const of = () => places(database().client, "test-connections", "ids");

  test("are given to as many as there may be, however many ask at once", async () => {
    const { take, of: ids } = of();
    const asking = Array.from({ length: 25 }, (_, n) => `one-${n}`);
    const answers = await Promise.all(asking.map((id) => take("ann", id, 10)));
    const given = asking.filter((_, n) => answers[n]);
    const taken = await ids("ann");
    expect(taken).toHaveLength(10);
    expect(taken).toEqual(expect.arrayContaining(given));
  });

  test("are given again to who has one, and to others once they are free", async () => {
    const { take, free, of: ids } = of();
    for (const id of ["one", "two"]) expect(await take("bea", id, 2)).toBe(true);
    expect([await take("bea", "one", 2), await take("bea", "three", 2)]).toEqual([true, false]);
    await free("bea", "one");
    await free("bea", "never had one");
    expect(await take("bea", "three", 2)).toBe(true);
    expect([...(await ids("bea"))].sort()).toEqual(["three", "two"]);
    for (const id of ["two", "three"]) await free("bea", id);
    expect(await ids("bea")).toEqual([]);
    expect(await take("bea", "four", 2)).toBe(true);
  });
});

describe("Live connections of one user", () => {
  test("are 20 of 30 that are opened at once at two processes, and 20 after others were closed", async () => {
    const processes = [process(), process()];
    const [one] = processes;
    const outcomes = await open(processes, "dee", 30);
    expect([succeeded(outcomes), codes(outcomes)]).toEqual([20, new Set(["too_many_connections"])]);
    const ids = (await one?.connections.idsOf("dee")) ?? [];
    expect(ids).toHaveLength(20);
    expect((await one?.connections.of("dee"))?.map(({ id }) => id).sort()).toEqual([...ids].sort());
    for (const id of ids.slice(0, 5)) if (one) await disconnect(one.service, id);
    expect(succeeded(await open(processes, "dee", 12, 100))).toBe(5);
  });

  test("do not count when their process was killed, also between record and place or place and record", async () => {
    const one = process();
    expect(succeeded(await open([one], "flo", 20))).toBe(20);
    const { client } = database();
    const [dead = "", lost = ""] = await one.connections.idsOf("flo");
    one.world.gone.add(dead);
    await client.send("DeleteItem", { TableName: "test-connections", Key: { id: { S: lost } } });
    const record = await one.connections.read(dead);
    if (record) await one.connections.add({ ...record, id: "unlisted", opened_on: 0 }, 0);
    expect(await one.connections.read("unlisted")).toBeUndefined();
    one.world.clock.time += 30_000;
    expect(succeeded(await open([one], "flo", 4, 100))).toBe(2);
  });
});

describe("Browsers of one user", () => {
  test("are 20 of 25 that subscribe at once at two processes", async () => {
    const processes = [process(), process()];
    const [one] = processes;
    const outcomes = await subscribeAll(processes, "gus", 25);
    expect([succeeded(outcomes), codes(outcomes)]).toEqual([20, new Set(["too_many_subscriptions"])]);
    expect(await one?.subscriptions.placesOf("gus")).toHaveLength(20);
    expect(one && (await ownSubscriptions(one.ports, "gus"))).toHaveLength(20);
  });

  test("count when an earlier version has stored them without places", async () => {
    const one = process();
    for (let n = 0; n < 18; n += 1) await one.subscriptions.write(browserOf(one, "hal", n));
    expect(succeeded(await subscribeAll([one], "hal", 6, 100))).toBe(2);
    expect(await ownSubscriptions(one.ports, "hal")).toHaveLength(20);
  });

  test("do not count once they are another user's, or when a process was killed before it stored them", async () => {
    const one = process();
    expect(succeeded(await subscribeAll([one], "ida", 18))).toBe(18);
    const shared = browserOf(one, "ida", 100);
    await subscribe(one.ports, shared);
    await subscribe(one.ports, { ...shared, user_id: "jim" });
    expect(await one.subscriptions.placesOf("ida")).toHaveLength(18);
    await one.subscriptions.takePlace({ id: "never stored", user_id: "ida" }, 20);
    expect(succeeded(await subscribeAll([one], "ida", 4, 200))).toBe(2);
    expect(await ownSubscriptions(one.ports, "ida")).toHaveLength(20);
    expect((await ownSubscriptions(one.ports, "jim")).map(({ id }) => id)).toEqual([shared.id]);
  });
});
