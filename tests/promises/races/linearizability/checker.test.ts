import { describe, expect, test } from "@jest/globals";
import { linearize, type Model, type Operation } from "./checker.ts";

type Input = { readonly write: number } | "read";

/** A register: a read answers what was written last. */
const register: Model<number, Input, number> = {
  initial: 0,
  step(state, input, output) {
    if (input === "read") return output === undefined || output === state ? [state] : [];
    return [input.write];
  },
};

const op = (input: Input, begin: number, end: number, output?: number): Operation<Input, number> => ({
  input,
  output: input === "read" ? output : 0,
  begin,
  end,
});
const lost = (input: Input, begin: number): Operation<Input, number> => ({
  input,
  output: undefined,
  begin,
  end: Number.POSITIVE_INFINITY,
});

const linearizable = (...history: Operation<Input, number>[]): boolean =>
  linearize(history, register).linearizable;

describe("a history", () => {
  test("in which one follows the other holds", () => {
    expect(linearizable(op({ write: 1 }, 0, 1), op("read", 2, 3, 1))).toBe(true);
  });

  test("with a stale read after the write was answered does not", () => {
    expect(linearizable(op({ write: 1 }, 0, 1), op("read", 2, 3, 0))).toBe(false);
  });

  test("may answer a read beside a write either way", () => {
    expect(linearizable(op({ write: 1 }, 0, 9), op("read", 2, 3, 0))).toBe(true);
    expect(linearizable(op({ write: 1 }, 0, 9), op("read", 2, 3, 1))).toBe(true);
  });

  test("may not go back: new, then old, both beside the write", () => {
    const write = op({ write: 1 }, 0, 9);
    expect(linearizable(write, op("read", 1, 2, 0), op("read", 3, 4, 1))).toBe(true);
    expect(linearizable(write, op("read", 1, 2, 1), op("read", 3, 4, 0))).toBe(false);
  });

  test("may not show two clients two orders of the same writes", () => {
    const writes = [op({ write: 1 }, 0, 9), op({ write: 2 }, 0, 9)];
    const one = [op("read", 10, 11, 1), op("read", 12, 13, 1)];
    expect(linearizable(...writes, ...one)).toBe(true);
    expect(linearizable(...writes, op("read", 10, 11, 1), op("read", 12, 13, 2))).toBe(false);
  });

  test("lets an operation that was never answered happen late, or not at all", () => {
    expect(linearizable(lost({ write: 1 }, 0), op("read", 5, 6, 0), op("read", 7, 8, 1))).toBe(true);
    expect(linearizable(lost({ write: 1 }, 0), op("read", 5, 6, 0))).toBe(true);
    expect(linearizable(lost({ write: 1 }, 7), op("read", 5, 6, 1))).toBe(false);
  });

  test("of nothing holds", () => {
    expect(linearizable()).toBe(true);
  });

  test("that is long is searched in little time, also when it does not hold", () => {
    const writes = Array.from({ length: 10 }, (_, n) => op({ write: n + 1 }, 0, 100));
    const verdict = linearize([...writes, op("read", 200, 201, 99)], register);
    expect(verdict.linearizable).toBe(false);
    expect(verdict.looked).toBeLessThan(100_000);
  });
});

test("the verdict shows an order that explains the answers", () => {
  const history = [op({ write: 1 }, 0, 9), op({ write: 2 }, 0, 9), op("read", 10, 11, 1)];
  expect(linearize(history, register).order.map(({ input }) => input)).toEqual([
    { write: 2 },
    { write: 1 },
    "read",
  ]);
});
