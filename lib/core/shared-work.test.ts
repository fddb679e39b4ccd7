import { describe, expect, test } from "@jest/globals";
import { SharedWork } from "./shared-work.ts";

const never = new AbortController().signal;
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Work whose runs are numbered and end by `end`; `signals` are what each was given. */
function numbered() {
  const signals: AbortSignal[] = [];
  const ends: (() => void)[] = [];
  const work = (signal: AbortSignal) => {
    const number = signals.push(signal);
    return new Promise<number>((resolve, reject) => {
      ends.push(() => resolve(number));
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  };
  return { signals, work, end: (number: number) => ends[number - 1]?.() };
}

describe("work of one key", () => {
  test("is shared by all who ask before it begins", async () => {
    const shared = new SharedWork<number>();
    const { signals, work, end } = numbered();
    const results = [1, 2, 3].map(() => shared.do("ann", never, work));
    await tick();
    end(1);
    expect(await Promise.all(results)).toEqual([1, 1, 1]);
    expect(signals).toHaveLength(1);
    expect(shared.size).toBe(0);
  });

  test("a call while it is under way gets the next run, which begins after it and is shared as well", async () => {
    const shared = new SharedWork<number>();
    const { signals, work, end } = numbered();
    const first = shared.do("ann", never, work);
    await tick();
    const later = [1, 2, 3].map(() => shared.do("ann", never, work));
    await tick();
    expect(signals).toHaveLength(1);
    end(1);
    expect(await first).toBe(1);
    await tick();
    end(2);
    expect(await Promise.all(later)).toEqual([2, 2, 2]);
    expect(signals).toHaveLength(2);
    expect(shared.size).toBe(0);
  });

  test("does not wait for that of another", async () => {
    const shared = new SharedWork<number>();
    const { signals, work, end } = numbered();
    const results = [shared.do("ann", never, work), shared.do("bob", never, work)];
    await tick();
    expect(signals).toHaveLength(2);
    end(1);
    end(2);
    expect(await Promise.all(results)).toEqual([1, 2]);
  });

  test("fails for all who share it, and for nobody else", async () => {
    const shared = new SharedWork<number>();
    const failing = () => Promise.reject(new Error("no"));
    const results = [shared.do("ann", never, failing), shared.do("ann", never, failing)];
    expect(await Promise.allSettled(results)).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
    expect(await shared.do("ann", never, async () => 7)).toBe(7);
  });

  test("goes on while one of its callers waits, and ends when none does", async () => {
    const shared = new SharedWork<number>();
    const { signals, work } = numbered();
    const [one, other] = [new AbortController(), new AbortController()];
    const results = [shared.do("ann", one.signal, work), shared.do("ann", other.signal, work)];
    await tick();
    one.abort(new Error("one gave up"));
    await expect(results[0]).rejects.toThrow("one gave up");
    expect(signals[0]?.aborted).toBe(false);
    other.abort(new Error("the other gave up"));
    await expect(results[1]).rejects.toThrow("the other gave up");
    expect(signals[0]?.aborted).toBe(true);
    await tick();
    expect(shared.size).toBe(0);
  });

  test("does not begin when its callers gave up before", async () => {
    const shared = new SharedWork<number>();
    const { signals, work, end } = numbered();
    const caller = new AbortController();
    const first = shared.do("ann", never, work);
    await tick();
    const result = shared.do("ann", caller.signal, work);
    caller.abort(new Error("gone"));
    await expect(result).rejects.toThrow("gone");
    const next = shared.do("ann", never, work);
    end(1);
    await first;
    await tick();
    end(2);
    expect(await next).toBe(2);
    expect(signals).toHaveLength(2);
  });
});
