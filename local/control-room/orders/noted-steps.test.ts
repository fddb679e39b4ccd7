import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Counts } from "../counts.ts";
import { History } from "../history.ts";
import { OrderRecords } from "./order-records.ts";

let folder: string;
let history: History;
let records: OrderRecords;

/** The thread has ended, and there is another one. */
async function open(): Promise<void> {
  history = await History.open(join(folder, "history.sqlite"), { bytes: 50_000_000, ms: 86_400_000 });
  records = new OrderRecords(history);
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-noted-"));
  await open();
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true });
});

const note = (acknowledged: Counts["acknowledged"]) =>
  records.takeNoted(history.write(0, () => records.keepNoted(acknowledged)));
const created = (orderId: string) => ({ orderId, step: "order created" }) as const;
const known = (orderId: string) => records.known(orderId).acknowledged.map(({ what }) => what);
const rows = (table: string) => Number(history.db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
function judge(orderId: string): void {
  const counts = { money: 0, "notified once": 0, durable: 1, "one winner": 0, private: 0, mail: 0 };
  history.write(1, () => records.judged(orderId, undefined, counts));
  records.judgedForCertain(orderId);
}

test("what was acknowledged is known after the thread has ended, before its order is judged and after that", async () => {
  note([created("a"), created("b"), { orderId: "a", step: "order cancelled" }]);
  const [first] = records.unrecorded("a");
  history.close();
  await open();
  expect([known("a"), known("b"), known("c")]).toEqual([
    ["order created", "order cancelled"],
    ["order created"],
    [],
  ]);
  expect(records.unrecorded("a")[0]).toEqual(first);
  judge("a");
  judge("b");
  note([]);
  expect([rows("noted"), rows("acknowledged")]).toEqual([0, 2]);
  history.close();
  await open();
  expect(known("a")).toEqual(["order created", "order cancelled"]);
  expect(records.unrecorded("a").map(({ what }) => what)).toEqual(["order created", "order cancelled"]);
});

test("a row stays until all of its orders are judged", () => {
  note([created("a"), created("b")]);
  judge("a");
  note([created("c")]);
  expect(rows("noted")).toBe(2);
  expect([known("a"), known("b"), known("c")]).toEqual(Array(3).fill(["order created"]));
});

test("the oldest beyond those that have room are kept as those of judged orders are", () => {
  note(Array.from({ length: 20_003 }, (_, no) => created(`o-${no}`)));
  note([]);
  expect(rows("acknowledged")).toBe(3);
  expect([known("o-0"), known("o-3")]).toEqual(Array(2).fill(["order created"]));
});

test("of what could not be kept nothing is known", () => {
  const fails = () =>
    history.write(0, () => {
      records.keepNoted([created("a")]);
      throw new Error("the disk is full");
    });
  expect(fails).toThrow("full");
  expect(known("a")).toEqual([]);
});
