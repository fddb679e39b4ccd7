import { expect, test } from "@jest/globals";
import { knownMethod, servedName } from "./http-method.ts";

test.each([
  ["GET", "/api/orders/", "GET", "GET /api/orders/"],
  ["GET", undefined, "GET", "GET"],
  ["BREW", "/api/orders/", "_OTHER", "HTTP /api/orders/"],
  ["get", undefined, "_OTHER", "HTTP"],
])("%s %s", (method, route, known, name) => {
  expect([knownMethod(method), servedName(method, route)]).toEqual([known, name]);
});
