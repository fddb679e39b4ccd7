import { expect, test } from "@jest/globals";
import { lineText } from "./line-text.ts";

test("a line of a request says which, with what outcome and how fast", () => {
  const fields = {
    request_id: "7",
    route: "readOrder",
    method: "GET",
    path: "/api/orders/1/",
    status: 404,
    duration_ms: 6.74,
    user: "sam",
  };
  expect(lineText({ message: "request", fields })).toBe("request GET /api/orders/1/ 404 6.7 ms user=sam");
});

test("other lines show their fields, at most so many characters", () => {
  expect(lineText({ message: "parked", fields: { count: 3, ids: ["a"] } })).toBe('parked count=3 ids=["a"]');
  expect(lineText({ message: "m".repeat(500), fields: {} })).toHaveLength(400);
});
