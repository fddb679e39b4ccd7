import { describe, expect, test } from "@jest/globals";
import type { Retry } from "../core/retry.ts";
import type { Failure } from "./failure.ts";
import {
  DELIVERY,
  delivered,
  earliest,
  enqueue,
  failed,
  isDue,
  nextDelivery,
  type Outbox,
  parkedEvents,
  resend,
} from "./outbox.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const away: Failure = { kind: "away", text: "B is not available" };
const refused: Failure = { kind: "refused", text: "B answered 500" };
const final: Failure = { kind: "final", text: "B answered 422" };
const outbox = enqueue(enqueue<string>([], "a", "first", NOW), "b", "second", NOW + 10);

describe("an outbox", () => {
  test("keeps its events in order; a sweep delivers a new one after a second, so the hint comes first", () => {
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

  test("stays the same when the event that failed is not there any more", () => {
    expect(failed(outbox, "gone", away, NOW)).toBe(outbox);
  });

  test("puts a failed event off, and no other", () => {
    const put = failed(outbox, "a", away, NOW);
    expect(put[0]).toMatchObject({ attempts: 1, next_at: new Date(NOW + 1_000).toISOString() });
    expect(put[1]).toBe(outbox[1]);
  });

  test("waits twice as long after each failure, five minutes at most", () => {
    let failing: Outbox<string> = outbox.slice(0, 1);
    const delays: number[] = [];
    for (let failure = 0; failure < 11; failure += 1) {
      failing = failed(failing, "a", away, NOW);
      delays.push((nextDelivery(failing) ?? 0) - NOW);
    }
    expect(delays.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(delays.at(-1)).toBe(300_000);
  });

  test("waits as long as the receiver asks for, and never less than by its own plan", () => {
    const next = (retryAfter: number) =>
      (nextDelivery(failed(outbox.slice(0, 1), "a", { ...away, retryAfter }, NOW)) ?? 0) - NOW;
    expect(next(90_000)).toBe(90_000);
    expect(next(10)).toBe(1_000);
  });

  test("may have a plan for each event", () => {
    const plan = ({ payload }: { payload: string }) => ({
      ...DELIVERY,
      maxTries: payload === "first" ? 1 : 2,
    });
    const tried = failed(failed(outbox, "a", refused, NOW, plan), "b", refused, NOW, plan);
    expect(parkedEvents(tried).map(({ id }) => id)).toEqual(["a"]);
  });

  test("that is empty is never due", () => {
    expect(nextDelivery([])).toBeUndefined();
    expect(earliest(undefined, undefined)).toBeUndefined();
    expect(earliest(undefined, 3, 2)).toBe(2);
  });
});

/** An outbox of one event that met `failures`, one after the other. */
const having = (failures: readonly Failure[], plan?: Retry, now = NOW): Outbox<string> =>
  failures.reduce<Outbox<string>>((box, failure) => failed(box, "a", failure, now, plan), outbox.slice(0, 1));
const times = (count: number, failure: Failure): Failure[] => Array.from({ length: count }, () => failure);

describe("a poisoned event", () => {
  test("is parked by an answer that can't change, at the first try", () => {
    const parked = having([final]);
    expect(parked[0]).toMatchObject({
      parked_at: new Date(NOW).toISOString(),
      last_error: "B answered 422",
      attempts: 1,
    });
    expect(nextDelivery(parked)).toBeUndefined();
    expect(parked.some((event) => isDue(event, NOW + 1e9))).toBe(false);
  });

  test("is parked at the last of as many refusals as it may have, not before", () => {
    expect(parkedEvents(having(times(19, refused)))).toEqual([]);
    expect(parkedEvents(having(times(20, refused)))).toHaveLength(1);
    expect(parkedEvents(having(times(3, refused), { ...DELIVERY, maxTries: 3 }))).toHaveLength(1);
  });

  test("is never made of one whose receiver is away, however long", () => {
    expect(parkedEvents(having(times(1_000, away)))).toEqual([]);
    expect(parkedEvents(having([...times(100, away), refused]))).toEqual([]);
  });

  test("is parked once it is older than its plan allows, also while its receiver is away", () => {
    const plan = { ...DELIVERY, maxAge: 60_000 };
    expect(parkedEvents(having([away], plan, NOW + 60_000))).toEqual([]);
    const parked = having([away], plan, NOW + 60_001);
    expect(parkedEvents(parked)).toHaveLength(1);
    // Sent again, it is as old as a new one.
    const again = resend(parked, "a", NOW + 90_000);
    expect(parkedEvents(failed(again, "a", away, NOW + 150_000, plan))).toEqual([]);
    expect(parkedEvents(failed(again, "a", away, NOW + 150_001, plan))).toHaveLength(1);
  });

  test("keeps none of the others from being due", () => {
    const box = failed(outbox, "a", final, NOW);
    expect(nextDelivery(box)).toBe(NOW + 10 + 1_000);
    expect(box.filter((event) => isDue(event, NOW)).map(({ id }) => id)).toEqual(["b"]);
  });

  test("is due at once, with all its tries, when it is sent again", () => {
    const again = resend(having([final]), "a", NOW + 5);
    expect(parkedEvents(again)).toEqual([]);
    expect(again[0]).toMatchObject({ attempts: 0, next_at: new Date(NOW + 5).toISOString() });
    expect(parkedEvents(failed(again, "a", refused, NOW))).toEqual([]);
  });

  test("that is not parked is not sent again", () => {
    expect(resend(outbox, "a", NOW)).toBe(outbox);
    expect(resend(having([final]), "b", NOW)).toEqual(having([final]));
  });
});
