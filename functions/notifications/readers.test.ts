import { describe, expect, test } from "@jest/globals";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { createReaders } from "./readers.ts";

const early = "2026-11-01T12:00:00.000Z";
const late = "2026-11-01T12:00:01.000Z";
const chosen = { locale: "zh-CN" as const, events: { promotion: { email: true } } };

describe("A user's watermark", () => {
  test("is not there before they have read everything once", async () => {
    expect((await createReaders(memoryTable()).of("ann")).read_until).toBeUndefined();
  });

  test("rises, and never goes back", async () => {
    const readers = createReaders(memoryTable());
    expect(await readers.raise("ann", late)).toBe(late);
    expect(await readers.raise("ann", early)).toBe(late);
    expect((await readers.of("ann")).read_until).toBe(late);
  });

  test("is the latest of many requests at once, from several processes", async () => {
    const table = memoryTable();
    const times = Array.from({ length: 10 }, (_, index) => `2026-11-01T12:00:00.${100 + index}Z`);
    const raised = await Promise.all(times.map((time) => createReaders(table).raise("ann", time)));
    expect((await createReaders(table).of("ann")).read_until).toBe(times.at(-1));
    for (const [index, time] of raised.entries()) expect(time >= (times[index] ?? "")).toBe(true);
  });

  test("is each user's own", async () => {
    const readers = createReaders(memoryTable());
    await readers.raise("ann", late);
    expect((await readers.of("bob")).read_until).toBeUndefined();
  });

  test("that the version before stored is read, and kept by a change of preferences", async () => {
    const table = memoryTable();
    const doc = JSON.stringify({ user_id: "ann", read_until: late });
    await table.put({ id: "watermark:ann", version: 1, schemaVersion: 1, doc, index: {} }, 0);
    const readers = createReaders(table);
    expect(await readers.of("ann")).toEqual({ read_until: late, preferences: { events: {} } });
    await readers.prefer("ann", () => chosen);
    expect(await readers.of("ann")).toEqual({ read_until: late, preferences: chosen });
  });
});

describe("A user's preferences", () => {
  test("are kept when they read everything, and replaced as a whole", async () => {
    const readers = createReaders(memoryTable());
    expect(await readers.prefer("ann", () => chosen)).toEqual(chosen);
    expect(await readers.of("ann")).toEqual({ read_until: undefined, preferences: chosen });
    await readers.raise("ann", late);
    expect(await readers.of("ann")).toEqual({ read_until: late, preferences: chosen });
    expect(await readers.prefer("ann", () => ({ events: {} }))).toEqual({ events: {} });
    expect(await readers.of("ann")).toEqual({ read_until: late, preferences: { events: {} } });
  });

  test("that are the default are not written where there was nothing", async () => {
    const table = memoryTable();
    expect(await createReaders(table).prefer("ann", () => ({ events: {} }))).toEqual({ events: {} });
    expect(await table.get("watermark:ann")).toBeUndefined();
  });

  test("are written once however often they are the same", async () => {
    const table = memoryTable();
    for (let count = 0; count < 3; count += 1) await createReaders(table).prefer("ann", () => chosen);
    expect((await table.get("watermark:ann"))?.version).toBe(1);
  });

  test("of two requests at once are those of one of them, with the watermark of a third", async () => {
    const table = memoryTable();
    await Promise.all([
      createReaders(table).prefer("ann", () => chosen),
      createReaders(table).prefer("ann", () => ({ events: {} })),
      createReaders(table).raise("ann", late),
    ]);
    const { read_until, preferences } = await createReaders(table).of("ann");
    expect(read_until).toBe(late);
    expect([chosen, { events: {} }]).toContainEqual(preferences);
  });
});
