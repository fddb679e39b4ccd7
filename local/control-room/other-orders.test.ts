import { expect, test } from "@jest/globals";
import { OtherOrdersWriter, otherOrdersIn } from "./other-orders.ts";

test("what is told of orders is read as it was written, and told once", () => {
  const writer = new OtherOrdersWriter();
  writer.changed("o-1", true);
  writer.noticed("o-1", "n-1");
  writer.changed("o-2", false);
  writer.noticed("p-2", "n-2");
  expect([writer.has("o-1"), writer.has("o-3"), writer.size]).toEqual([true, false, 28]);
  const taken = writer.take();
  expect(taken).toHaveLength(28);
  expect(otherOrdersIn(taken)).toEqual({
    changed: ["o-1", "o-2"],
    begun: ["o-1"],
    notices: ["o-1", "n-1", "p-2", "n-2"],
  });
  expect([writer.has("o-1"), writer.size]).toEqual([false, 0]);
  expect(otherOrdersIn(writer.take())).toEqual({ changed: [], begun: [], notices: [] });
});

test("many have room, and what was taken stays as it was", () => {
  const writer = new OtherOrdersWriter();
  const ids = Array.from({ length: 20_000 }, (_, no) => String(no).padStart(36, "0"));
  for (const id of ids) expect(writer.changed(id, false)).toBe(true);
  const taken = writer.take();
  writer.changed("another", true);
  expect(otherOrdersIn(taken).changed).toEqual(ids);
});

test("an id that is none of ours is refused, and nothing of it is told", () => {
  const writer = new OtherOrdersWriter();
  expect(writer.changed("订单", true)).toBe(false);
  expect(writer.noticed("o", "two\nlines")).toBe(false);
  expect(writer.noticed("o\n", "n")).toBe(false);
  expect(writer.noticed("é", "n")).toBe(true);
  expect(otherOrdersIn(writer.take())).toEqual({ changed: [], begun: [], notices: ["é", "n"] });
});
