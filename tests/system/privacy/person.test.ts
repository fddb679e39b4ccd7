// npm run person on the running system: killed in the middle, then repeated; afterwards nothing is left in the database's files, and
// the promises of the deals are kept. With TEST_DYNAMODB (host:port, from npm run test:dynamodb) on that database: nothing is left in its tables.

import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as z from "zod";
import { openDatabase } from "../../../tools/database.ts";
import { checkRecords, type OrderRecord } from "../../../tools/promises/check-records.ts";
import { factsReader } from "../../../tools/promises/facts.ts";
import { databaseFiles, filesWith } from "../../support/database-bytes.ts";
import { listen } from "../../support/free-ports.ts";
import { LiveClient } from "../../support/live-client.ts";
import { until } from "../../support/poll.ts";
import { RealSystem } from "../../support/real-system.ts";
import { begin, type Ended, run } from "../../support/run.ts";
import { bySandbox, type Life, live } from "./life.ts";

const root = join(import.meta.dirname, "..", "..", "..");

/** Whether the database is not the embedded one. */
const elsewhere = process.env["TEST_DYNAMODB"] !== undefined;

let system: RealSystem;
let life: Life;
/** What the receiver of the person's webhook replies: it is in their log of deliveries. */
const REPLY = "a reply to nobody else's webhook";
const receiver = createServer((_, response) => void response.end(REPLY));
beforeAll(async () => {
  system = await RealSystem.start();
  life = await live(system, { capture: bySandbox, receiver: `http://127.0.0.1:${await listen(receiver)}` });
});
afterAll(async () => {
  receiver.close();
  receiver.closeAllConnections();
  await system?.cleanUp();
});

const commandLine = (...args: string[]) =>
  [
    join(root, "node_modules", ".bin", "node"),
    [join(root, "tools", "person", "main.ts"), ...args],
    { cwd: system.dataDir, env: { ...process.env, ...system.env } },
  ] as const;

const person = (...args: string[]): Promise<Ended> => run(...commandLine(...args));

const database = () => openDatabase(undefined, { ...process.env, ...system.env });

/** Everything that is stored: the unpacked files of the embedded database, or all items of the tables, each by its name. */
async function stored(): Promise<ReadonlyMap<string, string>> {
  if (!elsewhere) return databaseFiles(join(system.dataDir, "database"));
  const { client, config, close } = database();
  try {
    const items = new Map<string, string>();
    const { body } = await client.send("ListTables", {});
    for (const TableName of z.array(z.string()).parse(body["TableNames"])) {
      if (!TableName.startsWith(`${config.DB_NAME}-`)) continue;
      // Less than the megabyte that a page has at most.
      const { body: page } = await client.send("Scan", { TableName, ConsistentRead: true });
      expect(page["LastEvaluatedKey"]).toBeUndefined();
      items.set(TableName, JSON.stringify(page["Items"]));
    }
    return items;
  } finally {
    await close();
  }
}

/** Where any of the person's texts is stored. */
async function traced(): Promise<readonly string[]> {
  const found = await stored();
  return [...life.traces, life.webhook.id, REPLY].flatMap((trace) =>
    filesWith(found, trace).map((place) => `${trace} in ${place}`),
  );
}

/** A deal as whoever acknowledged it would record it, and its judge. */
const records = (erased: OrderRecord["erased"]): OrderRecord[] =>
  [
    {
      ...life.bought,
      buyerId: life.user,
      sellerId: life.other.user,
      amount: 3_000,
      erased: ["buyer"] as const,
    },
    {
      ...life.sold,
      buyerId: life.other.user,
      sellerId: life.user,
      amount: 1_000,
      erased: ["seller"] as const,
    },
  ].map(({ amount, erased: party, ...deal }, at) => ({
    ...deal,
    label: `deal ${at + 1}`,
    seller: {},
    email: undefined,
    acknowledged: [
      { what: "order created" },
      { what: "payment begun" },
      { what: "order completed" },
      { what: "refund taken", key: "k", amount },
    ],
    objections: [],
    stranger: {},
    ...(erased === undefined ? {} : { erased: party }),
  }));

test("a person is exported, erased while the command is killed, and found nowhere any more; their deals keep their promises", async () => {
  const { user, other, traces, othersTraces } = life;
  const browser = new LiveClient({ url: () => system.urls.notifications, user });
  await until("the live connection is there", () => browser.ready);
  browser.close();
  const attempts = `${system.urls.notifications}/api/notifications/webhooks/${life.webhook.id}/attempts/`;
  await until("the webhook was told of what was sold, and paid", async () => {
    const { body } = await life.person.call("GET", attempts);
    return body.items.length === 2;
  });

  const out = join(system.dataDir, "person.json");
  expect(await person("export", "--user", user, "--out", out)).toMatchObject({ code: 0 });
  expect((await stat(out)).mode & 0o777).toBe(0o600);
  const document = JSON.parse(await readFile(out, "utf8"));
  expect(document).toMatchObject({ person: user, about: expect.any(Array) });
  const exported = JSON.stringify(document.records);
  expect([...traces, REPLY].filter((trace) => !exported.includes(trace))).toEqual([]);
  expect(othersTraces.filter((trace) => exported.includes(trace))).toEqual([]);
  // As on a full disk: no file may have more than half a kilobyte.
  const [node, args, options] = commandLine("export", "--user", user, "--out", `${out}.2`);
  const full = await run("sh", ["-c", 'ulimit -f 1; exec "$@"', "sh", node, ...args], options);
  expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining("EFBIG") });
  expect(existsSync(`${out}.2`)).toBe(false);
  const again = await person("export", "--user", user, "--out", out);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("EEXIST") });

  const keyed = () =>
    life.person.order({ customer_name: "x", total_amount: 1 }, { "idempotency-key": "kept-by-their-phone" });
  const { body: open } = await keyed();
  const refused = await person("erase", "--user", user);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`The order ${open.id} is not paid`),
  });
  await life.person.cancelOrder(open.id);

  const ready = await until("nothing of the person is unfinished", async () => {
    const dry = await person("erase", "--user", user, "--dry-run");
    return dry.code === 0 && dry;
  });
  expect(ready.stdout).toMatch(/^orders: 6 would be erased$/m);
  // What was told to a webhook stays for a while after that is deleted; it goes with its owner all the same.
  const webhook = `${system.urls.notifications}/api/notifications/webhooks/${life.webhook.id}/`;
  expect(await life.person.call("DELETE", webhook)).toMatchObject({ status: 204 });
  expect((await traced()).length).toBeGreaterThan(0);

  // Killed as soon as something is gone.
  const tables = database();
  try {
    const reader = () => factsReader((name) => tables.table(name));
    const judged = (erased: OrderRecord["erased"]) =>
      checkRecords(records(erased), { reader, settleMs: 60_000 });
    expect((await judged(undefined)).violations).toEqual([]);
    const program = await begin(...commandLine("erase", "--user", user));
    const found = {
      TableName: `${tables.config.DB_NAME}-contacts`,
      Key: { user: { S: user } },
      ConsistentRead: true,
    };
    await until("the contact is gone", async () => {
      return (await tables.client.send("GetItem", found)).body["Item"] === undefined;
    });
    program.signal("SIGKILL");
    await program.ended;
    const done = await person("erase", "--user", user);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toContain("nothing of the user is left in the tables");

    expect(await traced()).toEqual([]);
    expect((await judged(["buyer"])).violations).toEqual([]);
  } finally {
    await tables.close();
  }
  // A phone that was offline for long repeats its request: that does not begin anew.
  expect(await keyed()).toMatchObject({ status: 410, body: { code: "gone" } });
  expect((await person("erase", "--user", user)).stdout).toContain("Nothing is held about this user.");
  expect((await other.readOrder(life.bought.orderId)).body).toMatchObject({ status: "completed" });
  const left = await stored();
  for (const trace of othersTraces) expect(filesWith(left, trace)).not.toEqual([]);
});

test("a wrong command says how it is used, and a database that does not answer is named", async () => {
  for (const args of [
    [],
    ["erase"],
    ["erase", "--user", "no user id"],
    ["export", "--user", "a", "--dry-run"],
  ]) {
    expect(await person(...args)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("Usage: npm run person"),
    });
  }
  const [node, line, options] = commandLine("export", "--user", "a");
  const nowhere = { ...options, env: { ...options.env, DB_PORT: "1" } };
  expect(await run(node, line, nowhere)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("does not answer"),
  });
});
