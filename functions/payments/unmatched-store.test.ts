import { describe, expect, test } from "@jest/globals";
import { PARKED_SHARDS } from "../../lib/storage/due-shards.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { unmatchedParking, unmatchedTransaction } from "./unmatched.ts";
import { LINES_A_DAY, type UnmatchedStore, unmatchedStore } from "./unmatched-store.ts";

const NOW = Date.parse("2026-11-01T12:00:00.000Z");
const DAY = 86_400_000;

const report = (no: number, method = "sandbox") => ({
  method,
  kind: "capture" as const,
  reason: "no payment",
  reported: { reference: "nonsense", transaction_id: `t-${no}`, amount: "7.00", currency: "CNY" },
  text: `payer-of-${no}`,
});

function world() {
  const store = unmatchedStore(memoryTable());
  const lines: { readonly code?: string; readonly count?: number; readonly message: unknown }[] = [];
  const log = {
    error: (...[fields, message]: readonly unknown[]) => void lines.push({ ...Object(fields), message }),
  };
  return {
    store,
    lines,
    async keep(from: number, to: number, at = NOW, method = "sandbox") {
      for (let no = from; no <= to; no += 1) await store.keep(report(no, method), at, log);
    },
  };
}

/** How many reports wait for a person. */
async function parked(store: UnmatchedStore): Promise<number> {
  const pages = await Promise.all(PARKED_SHARDS.map((shard) => store.parked(shard, 1_000)));
  return pages.reduce((total, { items }) => total + items.length, 0);
}

describe("reports of money that no payment takes", () => {
  test("are all stored, however many there are; the log has a line for each of the first, then one for as many", async () => {
    const { store, lines, keep } = world();
    await keep(1, LINES_A_DAY * 3);
    expect(await parked(store)).toBe(LINES_A_DAY * 3);
    const alarms = lines.filter(({ code }) => code === "unmatched_flood");
    expect(alarms.map(({ count }) => count)).toEqual([LINES_A_DAY, LINES_A_DAY * 2, LINES_A_DAY * 3]);
    expect(alarms[0]?.message).toContain("its signing key is in wrong hands");
    expect(lines.length - alarms.length).toBe(LINES_A_DAY);
  });

  test("of another method or day have lines of their own", async () => {
    const { store, lines, keep } = world();
    await keep(1, LINES_A_DAY - 1);
    await keep(1, LINES_A_DAY - 1, NOW, "alipay");
    await keep(LINES_A_DAY, LINES_A_DAY + 9, NOW + DAY);
    expect(await parked(store)).toBe(LINES_A_DAY * 2 + 8);
    expect(lines).toHaveLength(LINES_A_DAY * 2 + 8);
    expect(lines.some(({ code }) => code === "unmatched_flood")).toBe(false);
  });

  test("count once when they are repeated", async () => {
    const { lines, keep } = world();
    for (let time = 0; time < 3; time += 1) await keep(1, LINES_A_DAY - 1);
    expect(lines).toHaveLength(LINES_A_DAY - 1);
  });

  test("have their text in no line of the log", async () => {
    const { lines, keep } = world();
    await keep(1, LINES_A_DAY);
    expect(JSON.stringify(lines)).not.toContain("payer-of");
  });
});

test("a report from before excerpts were stored has none, and can be settled", async () => {
  const table = memoryTable();
  const { id, excerpt: _, ...old } = unmatchedTransaction(report(1), NOW);
  await table.put({ id, version: 1, schemaVersion: 1, doc: JSON.stringify({ id, ...old }), index: {} }, 0);
  const store = unmatchedStore(table);
  expect(await store.read(id)).toEqual({ ...old, id, excerpt: null });
  const settled = await store.change(id, (report) => unmatchedParking.settle?.(report, NOW) ?? report);
  expect(settled?.state).toMatchObject({ excerpt: null, settled_at: "2026-11-01T12:00:00.000Z" });
});
