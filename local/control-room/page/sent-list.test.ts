import { expect, test } from "@jest/globals";
import type { SentView } from "../sent/contract.ts";
import { sentMatches, withSent } from "./sent-list.ts";

const sent = (id: number, more: Partial<SentView> = {}): SentView => ({
  id,
  at: id,
  kind: "mail",
  outcome: "accepted",
  user: "ann",
  order_id: "o1",
  to: null,
  status: null,
  error: null,
  attempt: 1,
  duration_ms: 1,
  trace_id: "t",
  ...more,
});

test("new rows come first, each once, whatever order they arrive in", () => {
  const held = [sent(3), sent(1)];
  expect(withSent(held, [sent(2), sent(3), sent(4)]).map(({ id }) => id)).toEqual([4, 3, 2, 1]);
  expect(withSent(held, [])).toBe(held);
});

test("a filter lets through what has all that it names", () => {
  const filter = { kind: "mail", user: "ann", order: "", outcome: "" };
  expect(sentMatches(sent(1), filter)).toBe(true);
  expect(sentMatches(sent(1, { user: "bob" }), filter)).toBe(false);
  expect(sentMatches(sent(1), { ...filter, order: "o2" })).toBe(false);
  expect(sentMatches(sent(1), { ...filter, outcome: "failed" })).toBe(false);
});
