import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { FrameClient } from "../../lib/storage/frames/client.ts";
import { seededRandom } from "../../tools/own-system/random.ts";
import { createAnswers } from "./answers.ts";
import { asking } from "./fast/test-both.ts";
import type { Level, Write } from "./level.ts";
import { openLevel } from "./open-level.ts";
import { createStore } from "./store.ts";
import { call, inspect, order, orders, plainOrders, plainPut } from "./test-client.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "crash-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const put = (id: string, fields: Parameters<typeof order>[1]): [string, object] => [
  "PutItem",
  { TableName: "orders", Item: order(id, fields) },
];
const remove = (id: string): [string, object] => [
  "DeleteItem",
  { TableName: "orders", Key: { id: { S: id } } },
];
const update = (id: string, text: string, due: string): [string, object] => [
  "UpdateItem",
  {
    TableName: "orders",
    Key: { id: { S: id } },
    UpdateExpression: "SET #u = :u, amount = :n, #t = :t, created_at = :u, due_shard = :u, due_at = :n",
    ExpressionAttributeNames: { "#u": "user", "#t": "text" },
    ExpressionAttributeValues: { ":u": { S: `user${due}` }, ":n": { N: due }, ":t": { S: text } },
  },
];
const batch = (puts: string[], removes: string[], text: string): [string, object] => [
  "BatchWriteItem",
  {
    RequestItems: {
      orders: [
        ...puts.map((id) => ({ PutRequest: { Item: order(id, { text, due: 3 }) } })),
        ...removes.map((id) => ({ DeleteRequest: { Key: { id: { S: id } } } })),
      ],
    },
  },
];

describe("a crash between any two writes to the disk", () => {
  /** From its `last` write on the disk takes no more, as if the process had ended there. */
  function endAfter(last: number, level: Level) {
    let writes = 0;
    let end = () => {};
    const ended = new Promise<"ended">((resolve) => {
      end = () => resolve("ended");
    });
    const batch = (writing: Write[]) => {
      writes += 1;
      if (writes <= last) return level.batch(writing);
      end();
      return new Promise<void>(() => {});
    };
    const mortal = new Proxy(level, {
      get: (target, name) => (name === "batch" ? batch : Reflect.get(target, name).bind(target)),
    });
    return { mortal, ended };
  }

  const byDynalite = [
    put("10", { due: 1 }),
    put("10", { user: "bob", amount: 2, due: 2 }),
    update("10", "", "7"),
    batch(["11", "12"], ["10"], ""),
    remove("11"),
    put("12", {}),
  ];
  const byShapes = [
    plainPut("10", 1, { due: 1 }),
    plainPut("10", 2, { user: "bob", amount: 2, due: 2 }),
    plainPut("11", 1, { due: 1 }),
    plainPut("10", 3, { user: "bob", amount: 3 }),
    plainPut("11", 2, {}),
  ];

  test.each([
    { way: "dynalite", table: orders, requests: byDynalite },
    { way: "shapes", table: plainOrders, requests: byShapes },
  ])(
    "leaves every item in exactly the index entries it demands, by $way",
    async ({ way, table, requests }) => {
      let crashed = true;
      let crashes = 0;
      for (let last = 1; crashed && last < 100; last++) {
        const path = join(folder, `${way}-${last}`);
        const level = await openLevel(path, () => {});
        const { mortal, ended } = endAfter(last, level);
        const ask = asking(createAnswers(await createStore(mortal), () => {}));
        crashed = false;
        for (const request of [["CreateTable", table] as const, ...requests]) {
          const outcome = await Promise.race([ask(request), ended]);
          crashed = outcome === "ended";
          if (crashed) break;
          expect(outcome).toMatchObject({ status: 200 });
        }
        crashes += crashed ? 1 : 0;
        await level.close();
        expect({ last, ...(await inspect(path, table)) }).toMatchObject({ last, wrong: [] });
      }
      expect(crashes).toBeGreaterThanOrEqual(requests.length);
    },
  );
});

describe("a database killed with -9 while it writes", () => {
  let child: ChildProcess | undefined;
  afterEach(() => {
    child?.kill("SIGKILL");
  });

  async function start(path: string): Promise<number> {
    const script = new URL("crash-child.ts", import.meta.url).pathname;
    child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
    if (child.stdout === null) throw new Error("No output to read the port from");
    const [line] = await once(child.stdout, "data");
    return Number(line);
  }

  test("has every acknowledged write, and no item without its index entries", async () => {
    const seed = 20_261_124;
    const random = seededRandom(seed);
    const path = join(folder, "killed");
    /** What may be stored per id: the text last acknowledged, and the one under way; undefined: no item. */
    const allowed = new Map<string, (string | undefined)[]>();
    const allowedPlain = new Map<string, (string | undefined)[]>();
    const until = Date.now() + 12_000;
    let acknowledged = 0;

    for (let round = 0; round < 12 && Date.now() < until; round++) {
      const port = await start(path);
      const frames = new FrameClient(`http://127.0.0.1:${port}`);
      const byFrames = ([operation, input]: [string, object]) =>
        frames.exchange(operation, JSON.stringify(input));
      for (const table of [orders, plainOrders]) await call(port, "CreateTable", table);
      let running = true;
      const writer = async (own: string[]) => {
        for (let n = 0; running; n++) {
          const id = own[Math.floor(random() * own.length)] ?? "";
          const text = `${round}-${n}`;
          const kind = random();
          const due = String(Math.floor(random() * 5));
          const [request, after]: [[string, object], string | undefined] =
            kind < 0.4
              ? [put(id, { text, user: `user${due}`, ...(random() < 0.5 ? { due: 1 } : {}) }), text]
              : kind < 0.7
                ? [update(id, text, due), text]
                : kind < 0.8
                  ? [batch([id], [], text), text]
                  : [remove(id), undefined];
          allowed.set(id, [...(allowed.get(id) ?? [undefined]), after]);
          const reply = await call(port, ...request).catch(() => undefined);
          if (reply === undefined) return;
          expect(reply.status).toBe(200);
          acknowledged += 1;
          allowed.set(id, [after]);
        }
      };
      const shapeWriter = async (own: number) => {
        for (let n = 0; running; n++) {
          const id = `${round}-${own}-${Math.floor(n / 3)}`;
          const version = 1 + (n % 3);
          const fields = { text: `${version}`, user: `user${n % 2}`, ...(random() < 0.5 ? { due: n } : {}) };
          const stored = version === 1 ? undefined : String(version - 1);
          allowedPlain.set(id, [stored, fields.text]);
          const request = plainPut(id, version, fields);
          const sending = own % 2 === 0 ? byFrames(request) : call(port, ...request);
          const reply = await sending.catch(() => undefined);
          if (reply === undefined) return;
          expect(reply.status).toBe(200);
          acknowledged += 1;
          allowedPlain.set(id, [fields.text]);
        }
      };
      const writers = [
        ...Array.from({ length: 8 }, (_, w) => writer([`${w}0`, `${w}1`, `${w}2`])),
        ...Array.from({ length: 8 }, (_, w) => shapeWriter(w)),
      ];
      const enough = acknowledged + 5 + random() * 40;
      while (acknowledged < enough && Date.now() < until + 2_000) await sleep(1 + random() * 10);
      child?.kill("SIGKILL");
      if (child && child.exitCode === null && child.signalCode === null) await once(child, "exit");
      running = false;
      await Promise.all(writers);
      await frames.close();

      for (const [table, states] of [[orders, allowed] as const, [plainOrders, allowedPlain] as const]) {
        const { texts, wrong } = await inspect(path, table);
        expect({ seed, round, wrong }).toEqual({ seed, round, wrong: [] });
        for (const [id, known] of states) {
          expect({ id, known }).toEqual({ id, known: expect.arrayContaining([texts.get(id)]) });
          states.set(id, [texts.get(id)]);
        }
      }
    }
    expect(acknowledged).toBeGreaterThan(5);
  });
});
