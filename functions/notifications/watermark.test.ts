import { describe, expect, test } from "@jest/globals";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { watermarks } from "./watermark.ts";

const early = "2026-11-01T12:00:00.000Z";
const late = "2026-11-01T12:00:01.000Z";

describe("A user's watermark", () => {
  test("is not there before they have read everything once", async () => {
    expect(await watermarks(memoryTable()).of("ann")).toBeUndefined();
  });

  test("rises, and never goes back", async () => {
    const marks = watermarks(memoryTable());
    expect(await marks.raise("ann", late)).toBe(late);
    expect(await marks.raise("ann", early)).toBe(late);
    expect(await marks.of("ann")).toBe(late);
  });

  test("is the latest of many requests at once, from several processes", async () => {
    const table = memoryTable();
    const times = Array.from({ length: 10 }, (_, index) => `2026-11-01T12:00:00.${100 + index}Z`);
    const raised = await Promise.all(times.map((time) => watermarks(table).raise("ann", time)));
    expect(await watermarks(table).of("ann")).toBe(times.at(-1));
    for (const [index, time] of raised.entries()) expect(time >= (times[index] ?? "")).toBe(true);
  });

  test("is each user's own", async () => {
    const marks = watermarks(memoryTable());
    await marks.raise("ann", late);
    expect(await marks.of("bob")).toBeUndefined();
  });
});
