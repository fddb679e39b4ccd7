import { describe, expect, test } from "@jest/globals";
import { backoff, delivered, earliest, enqueue, nextDelivery, type Outbox, postponed } from "./outbox.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const outbox = enqueue(enqueue<string>([], "a", "first", NOW), "b", "second", NOW + 10);

describe("an outbox", () => {
  test("keeps its events in order, and leaves a new one to the hint for a second", () => {
    expect(outbox.map(({ id, payload, attempts }) => [id, payload, attempts])).toEqual([
      ["a", "first", 0],
      ["b", "second", 0],
    ]);
    expect(nextDelivery(outbox)).toBe(NOW + 1_000);
  });

  test("loses just the event that was delivered, however often that is said", () => {
    const rest = delivered(outbox, "a");
    expect(rest.map(({ id }) => id)).toEqual(["b"]);
    expect(delivered(rest, "a")).toBe(rest);
  });

  test("puts a failed event off and leaves the others", () => {
    const put = postponed(outbox, "a", NOW);
    expect(put[0]).toMatchObject({ attempts: 1, next_at: new Date(NOW + 1_000).toISOString() });
    expect(put[1]).toBe(outbox[1]);
  });

  test("waits twice as long after each failure, five minutes at most", () => {
    let failing: Outbox<string> = outbox.slice(0, 1);
    const delays: number[] = [];
    for (let failure = 0; failure < 11; failure += 1) {
      failing = postponed(failing, "a", NOW);
      delays.push((nextDelivery(failing) ?? 0) - NOW);
    }
    expect(delays.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(delays.at(-1)).toBe(300_000);
    expect(backoff(10_000)).toBe(300_000);
  });

  test("that is empty is never due", () => {
    expect(nextDelivery([])).toBeUndefined();
    expect(earliest(undefined, undefined)).toBeUndefined();
    expect(earliest(undefined, 3, 2)).toBe(2);
  });
});
