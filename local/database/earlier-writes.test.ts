// A read sees what was written before it came: an item waits for the writes to it that are under way, a page for those to its table.

import { beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { createAnswers } from "./answers.ts";
import { SHAPES, type Shapes } from "./fast/shapes.ts";
import { asking } from "./fast/test-both.ts";
import { type Level, openMemory, type Write } from "./level.ts";
import { createStore } from "./store.ts";
import { plainOrders, plainPut } from "./test-client.ts";

type Ask = ReturnType<typeof asking>;
type Asked = Parameters<Ask>[0];

let ask: Ask;
/** Lets the batch that waits be written, or fail. */
let settle: ((failure?: Error) => void) | undefined;
let held: boolean;
let tableWrites: number;

/** `level`, of which batches wait for {@link settle} while they are held. */
const holding = (level: Level): Level => ({
  getSync: (key: string, options?: Parameters<Level["getSync"]>[1]) =>
    options === undefined ? level.getSync(key) : level.getSync(key, options),
  bytesSync: (key, snapshot) => level.bytesSync(key, snapshot),
  values: (range) => level.values(range),
  keys: (range) => level.keys(range),
  iterator: (range) => level.iterator(range),
  snapshot: () => level.snapshot(),
  clear: (range) => level.clear(range),
  close: () => level.close(),
  async batch(writes: Write[]) {
    if (held) {
      await new Promise<void>((resolve, reject) => {
        settle = (failure) => (failure ? reject(failure) : resolve());
      });
    }
    await level.batch(writes);
    tableWrites += writes.filter(({ key }) => key.startsWith("table~")).length;
  },
});

const get = (id: string): Asked => [
  "GetItem",
  { TableName: plainOrders.TableName, Key: { id: { S: id } }, ConsistentRead: true },
];
const batch = (...ids: readonly string[]): Asked => {
  const Keys = ids.map((id) => ({ id: { S: id } }));
  return ["BatchGetItem", { RequestItems: { [plainOrders.TableName]: { Keys, ConsistentRead: true } } }];
};
const page = (user: string): Asked => [
  "Query",
  {
    TableName: plainOrders.TableName,
    IndexName: "by_time",
    KeyConditionExpression: "#h = :hash",
    ExpressionAttributeNames: { "#h": "user" },
    ExpressionAttributeValues: { ":hash": { S: user } },
    ScanIndexForward: true,
    Limit: 10,
  },
];

/** What was answered so far, by the names of `requests`; each answer as the texts of items in it. */
function following(requests: Readonly<Record<string, Asked>>) {
  const answers: Record<string, readonly string[]> = {};
  const all = Object.entries(requests).map(async ([name, request]) => {
    const { body } = await ask(request);
    answers[name] = [...body.matchAll(/"text":\{"S":"(\w*)"/g)].map(([, text = ""]) => text);
  });
  return { answers, all: Promise.all(all) };
}

/** Several turns of the event loop, in which everything is answered that does not wait for a batch. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Stores two items, and holds what is written after them. */
async function begin(shapes: Shapes): Promise<void> {
  held = false;
  settle = undefined;
  tableWrites = 0;
  ask = asking(createAnswers(await createStore(holding(await openMemory())), () => {}, shapes));
  await ask(["CreateTable", plainOrders]);
  // A moment later it is written a second time, which must not be what is held.
  await until("the table was written twice", () => tableWrites === 2);
  await ask(plainPut("a", 1, { user: "ann", text: "old" }));
  await ask(plainPut("b", 1, { user: "bob", text: "other" }));
  held = true;
}

describe.each([
  ["with shapes", SHAPES],
  ["by dynalite alone", new Map()],
])("A read that is answered %s", (_, shapes) => {
  beforeEach(() => begin(shapes));

  test("waits for the writes before it; another item does not, nor does what came before", async () => {
    const { answers, all } = following({
      pageBefore: page("ann"),
      itemBefore: get("a"),
      put: plainPut("a", 2, { user: "ann", text: "new" }),
      item: get("a"),
      batch: batch("a"),
      page: page("ann"),
      otherItem: get("b"),
      otherBatch: batch("b", "c"),
    });
    await turns();
    expect(answers).toEqual({
      pageBefore: ["old"],
      itemBefore: ["old"],
      otherItem: ["other"],
      otherBatch: ["other"],
    });
    settle?.();
    await all;
    expect(answers).toMatchObject({ put: [], item: ["new"], batch: ["new"], page: ["new"] });
  });

  test("finds what comes into its page, and no longer what leaves it", async () => {
    const { answers, all } = following({
      put: plainPut("a", 2, { user: "bob", text: "moved" }),
      left: page("ann"),
      joined: page("bob"),
    });
    await turns();
    expect(answers).toEqual({});
    settle?.();
    await all;
    expect(answers).toMatchObject({ left: [], joined: ["moved", "other"] });
  });

  test("waits for the batch after the one that is being written, if what it reads is in that", async () => {
    const first = ask(plainPut("b", 2, { user: "bob", text: "first" }));
    await turns();
    const { answers, all } = following({
      put: plainPut("a", 2, { user: "ann", text: "second" }),
      item: get("a"),
    });
    settle?.();
    await first;
    await turns();
    expect(answers).toEqual({});
    settle?.();
    await all;
    expect(answers["item"]).toEqual(["second"]);
  });

  test("is answered with what is stored when the write fails", async () => {
    const { answers, all } = following({
      put: plainPut("a", 2, { user: "bob", text: "lost" }),
      item: get("a"),
      batch: batch("a"),
      page: page("ann"),
    });
    await turns();
    settle?.(new Error("the disk failed"));
    await all;
    expect(answers).toMatchObject({ item: ["old"], batch: ["old"], page: ["old"] });
  });
});

describe("A shape that does not wait is seen:", () => {
  test.each([...SHAPES].filter(([operation]) => operation !== "PutItem"))("%s", async (operation, shape) => {
    const hasty: Shapes = new Map([
      ...SHAPES,
      [
        operation,
        (input, access) =>
          shape(input, {
            ...access,
            commits: {
              write: (writes, done) => access.commits.write(writes, done),
              underWay: () => undefined,
            },
          }),
      ],
    ]);
    await begin(hasty);
    const { answers, all } = following({
      put: plainPut("a", 2, { user: "ann", text: "new" }),
      GetItem: get("a"),
      BatchGetItem: batch("a"),
      Query: page("ann"),
    });
    await turns();
    expect(answers).toEqual({ [operation]: ["old"] });
    settle?.();
    await all;
  });
});
