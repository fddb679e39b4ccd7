import { expect, test } from "@jest/globals";
import { parseAttempts } from "./recorded-attempts.ts";

test("what was written down is read again", () => {
  expect(parseAttempts("a", "12 http://127.0.0.1:1 /x\n13 http://127.0.0.1:2 /y\n")).toEqual([
    { caller: "a", origin: "http://127.0.0.1:1", path: "/x", at: 12 },
    { caller: "a", origin: "http://127.0.0.1:2", path: "/y", at: 13 },
  ]);
});
