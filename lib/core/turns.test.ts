import { describe, expect, test } from "@jest/globals";
import { Turns } from "./turns.ts";

const never = new AbortController().signal;
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Work that goes on until a test ends it; `begun` lists what has begun. */
function work(begun: string[]) {
  const ends = new Map<string, () => void>();
  return {
    piece: (name: string) => () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    },
    end: (name: string) => ends.get(name)?.(),
  };
}

describe("turns of one key", () => {
  test("so many are under way at once; the others go on in the order in which they came", async () => {
    const turns = new Turns({ atOnce: 2, waiting: 5 });
    const begun: string[] = [];
    const { piece, end } = work(begun);
    const done = ["a", "b", "c", "d"].map((name) => turns.take("ann", never, piece(name)));
    await tick();
    expect(begun).toEqual(["a", "b"]);
    end("b");
    await tick();
    expect(begun).toEqual(["a", "b", "c"]);
    for (const name of ["a", "c"]) end(name);
    await tick();
    end("d");
    expect(await Promise.all(done)).toEqual(["a", "b", "c", "d"]);
    expect(turns.size).toBe(0);
  });

  test("nobody waits for those of another", async () => {
    const turns = new Turns({ atOnce: 1, waiting: 1 });
    const begun: string[] = [];
    const { piece, end } = work(begun);
    const done = [turns.take("ann", never, piece("ann's")), turns.take("bob", never, piece("bob's"))];
    await tick();
    expect(begun).toEqual(["ann's", "bob's"]);
    for (const name of begun) end(name);
    await Promise.all(done);
  });

  test("whom the line has no room for is refused, and may come again", async () => {
    const turns = new Turns({ atOnce: 1, waiting: 1 });
    const { piece, end } = work([]);
    const done = [turns.take("ann", never, piece("a")), turns.take("ann", never, piece("b"))];
    await expect(turns.take("ann", never, piece("c"))).rejects.toMatchObject({
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
    const turns = new Turns({ atOnce: 1, waiting: 1 });
    const failing = turns.take("ann", never, () => Promise.reject(new Error("no")));
    const next = turns.take("ann", never, async () => "done");
    await expect(failing).rejects.toThrow("no");
    expect(await next).toBe("done");
  });

  test("a caller that gives up is skipped, and its work never begins", async () => {
    const turns = new Turns({ atOnce: 1, waiting: 2 });
    const begun: string[] = [];
    const { piece, end } = work(begun);
    const caller = new AbortController();
    const first = turns.take("ann", never, piece("a"));
    const left = turns.take("ann", caller.signal, piece("b"));
    const last = turns.take("ann", never, piece("c"));
    caller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    end("a");
    await first;
    await tick();
    end("c");
    await last;
    expect(begun).toEqual(["a", "c"]);
    await expect(turns.take("ann", caller.signal, piece("d"))).rejects.toThrow("gone");
    expect(turns.size).toBe(0);
  });
});
