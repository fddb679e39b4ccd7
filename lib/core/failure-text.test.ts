import { describe, expect, test } from "@jest/globals";
import { messageOf, reasonOf } from "./failure-text.ts";

const failure = (message: string, code?: string) =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

test.each([
  [failure("disk full", "ENOSPC"), "disk full"],
  ["no", "no"],
  [undefined, "undefined"],
])("what %p says", (error, message) => {
  expect(messageOf(error)).toBe(message);
});

describe("why the network failed", () => {
  test.each([
    [failure("connect ECONNREFUSED 127.0.0.1:1", "ECONNREFUSED"), "connect ECONNREFUSED 127.0.0.1:1"],
    [failure("other side closed", "UND_ERR_SOCKET"), "UND_ERR_SOCKET other side closed"],
    [new AggregateError([], ""), "AggregateError"],
    [Object.assign(new AggregateError([], ""), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
    [failure("it broke"), "it broke"],
    ["no", "no"],
  ])("%p: %s", (error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});
