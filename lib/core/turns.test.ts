import { describe, expect, test } from "@jest/globals";
import { Turns } from "./turns.ts";

const never = new AbortController().signal;
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Work that goes on until a test ends it; `begun` lists what has begun. */
function work(begun: string[]) {
  const ends = new Map<string, (size: number) => void>();
  return {
    piece: (name: string) => () => {
      begun.push(name);
      return new Promise<Done>((resolve) => ends.set(name, (size) => resolve({ name, size })));
    },
    /** Without a size it is large. */
    end: (name: string, size = LARGE) => ends.get(name)?.(size),
  };
}

interface Done {
  readonly name: string;
  readonly size: number;
}

const LARGE = 1_000;
const sizeOf = ({ size }: { readonly size: number }): number => size;

/** Turns in which nothing is small. */
const turnsOf = (limits: { readonly atOnce: number; readonly waiting: number }): Turns =>
  new Turns({ ...limits, mostAtOnce: limits.atOnce, small: 1 });

describe("turns of one key", () => {
  test("so many are under way at once; the others go on in the order in which they came", async () => {
    const turns = turnsOf({ atOnce: 2, waiting: 5 });
    const begun: string[] = [];
    const { piece, end } = work(begun);
    const done = ["a", "b", "c", "d"].map((name) => turns.take("ann", never, piece(name), sizeOf));
    await tick();
    expect(begun).toEqual(["a", "b"]);
    end("b");
    await tick();
    expect(begun).toEqual(["a", "b", "c"]);
    for (const name of ["a", "c"]) end(name);
    await tick();
    end("d");
    expect((await Promise.all(done)).map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
    expect(turns.size).toBe(0);
  });

  test("nobody waits for those of another", async () => {
    const turns = turnsOf({ atOnce: 1, waiting: 1 });
    const begun: string[] = [];
    const { piece, end } = work(begun);
    const done = [
      turns.take("ann", never, piece("ann's"), sizeOf),
      turns.take("bob", never, piece("bob's"), sizeOf),
    ];
    await tick();
    expect(begun).toEqual(["ann's", "bob's"]);
    for (const name of begun) end(name);
    await Promise.all(done);
  });

  test("whom the line has no room for is refused, and may come again", async () => {
    const turns = turnsOf({ atOnce: 1, waiting: 1 });
    const { piece, end } = work([]);
    const done = [turns.take("ann", never, piece("a"), sizeOf), turns.take("ann", never, piece("b"), sizeOf)];
    await expect(turns.take("ann", never, piece("c"), sizeOf)).rejects.toMatchObject({
      kind: "throttled",
      code: "too_many_at_once",
      retryAfter: 1,
    });
    await tick();
    end("a");
    await tick();
    end("b");
    await Promise.all(done);
  });

  test("work that fails makes room for the next", async () => {
    const turns = turnsOf({ atOnce: 1, waiting: 1 });
    const failing = turns.take("ann", never, () => Promise.reject(new Error("no")), sizeOf);
    const next = turns.take("ann", never, async () => ({ size: LARGE }), sizeOf);
    await expect(failing).rejects.toThrow("no");
    expect(await next).toEqual({ size: LARGE });
  });

  test("a caller that gives up is skipped, and its work never begins", async () => {
    const turns = turnsOf({ atOnce: 1, waiting: 2 });
    const begun: string[] = [];
    const { piece, end } = work(begun);
    const caller = new AbortController();
    const first = turns.take("ann", never, piece("a"), sizeOf);
    const left = turns.take("ann", caller.signal, piece("b"), sizeOf);
    const last = turns.take("ann", never, piece("c"), sizeOf);
    caller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    end("a");
    await first;
    await tick();
    end("c");
    await last;
    expect(begun).toEqual(["a", "c"]);
    await expect(turns.take("ann", caller.signal, piece("d"), sizeOf)).rejects.toThrow("gone");
    expect(turns.size).toBe(0);
  });

  test("each small one lets one more be under way, as many as are small together and the limit allows", async () => {
    const turns = new Turns({ atOnce: 2, mostAtOnce: 4, small: 100, waiting: 20 });
    const begun: string[] = [];
    const { piece, end } = work(begun);
    const names = [..."abcdefghijklmno"];
    const done = names.map((name) => turns.take("ann", never, piece(name), sizeOf));
    /** Ends the oldest that is under way; how many are under way then. */
    const runningAfter = async (size: number) => {
      end(names[over] ?? "", size);
      over += 1;
      await tick();
      return begun.length - over;
    };
    let over = 0;
    await tick();
    expect(begun).toHaveLength(2);
    expect(await runningAfter(10)).toBe(3);
    expect(await runningAfter(25)).toBe(4);
    expect(await runningAfter(1)).toBe(4);
    expect(await runningAfter(33)).toBe(3);
    expect(await runningAfter(LARGE)).toBe(2);
    expect(await runningAfter(10)).toBe(3);
    while (over < names.length) await runningAfter(LARGE);
    await Promise.all(done);
    expect(turns.size).toBe(0);
  });
});
