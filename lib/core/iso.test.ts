import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { iso } from "./iso.ts";

const LAST = 8_640_000_000_000_000;

test("a time is written as Date writes it, whatever was written before", () => {
  const near = fc.integer({ min: 1_790_000_000_000, max: 1_790_000_200_000 });
  const any = fc.double({ min: -LAST, max: LAST, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.oneof(near, any), { maxLength: 200 }), (times) => {
      for (const time of times) expect(iso(time)).toBe(new Date(time).toISOString());
    }),
    { seed: 1 },
  );
});

test.each([0, 9, 10, 99, 100, 999, 1_000, -1, 253_402_300_800_000, LAST, -LAST])("%d, too", (time) => {
  expect(iso(time)).toBe(new Date(time).toISOString());
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, LAST + 1])("%d is no time", (time) => {
  expect(() => iso(time)).toThrow(RangeError);
});
