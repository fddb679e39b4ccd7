import { expect, test } from "@jest/globals";
import { changesBetween } from "./diff.ts";

const paths = (before: unknown, after: unknown) => changesBetween(before, after).map(({ path }) => path);

test("a new document has all its fields as changes", () => {
  expect(changesBetween(undefined, { id: "o", total: 5, none: null })).toEqual([
    { path: "id", before: null, after: "o" },
    { path: "total", before: null, after: "5" },
    { path: "none", before: null, after: "null" },
  ]);
});

test("members of lists are compared by what identifies them, else by their place", () => {
  const event = { id: "order.paid:2", attempts: 0 };
  expect(paths({ outbox: [event, { id: "b" }] }, { outbox: [{ id: "b" }] })).toEqual([
    "outbox[order.paid:2].id",
    "outbox[order.paid:2].attempts",
  ]);
  expect(paths({ history: [{ at: 1 }] }, { history: [{ at: 1 }, { at: 2 }] })).toEqual(["history[1].at"]);
});

test("what did not change is not there, and what is somebody's own is not shown", () => {
  const before = { buyer_email: "a@shop.example", shipping: { name: "A" }, remark: "" };
  expect(changesBetween(before, structuredClone(before))).toEqual([]);
  const after = { ...before, shipping: { name: "B" }, remark: "at the door" };
  expect(changesBetween(before, after)).toEqual([
    { path: "shipping", before: "(hidden)", after: "(hidden)" },
    { path: "remark", before: "(hidden)", after: "(hidden)" },
  ]);
});

test("a write has so many changes at most, and long values are cut", () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, index]));
  const changes = changesBetween({}, many);
  expect([changes.length, changes.at(-1)?.path]).toEqual([61, "… 40 more"]);
  expect(changesBetween({}, { text: "x".repeat(1_000) })[0]?.after?.length).toBeLessThan(410);
});
