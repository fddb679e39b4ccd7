import { expect, test } from "@jest/globals";
import { spanPath } from "./span-path.ts";

test.each([
  ["/api/orders/0197b5a0-0000-7000-8000-000000000001/cancel/", undefined],
  ["/", undefined],
  ["/api/orders/alice@shop.example/", "/api/orders/_/"],
  ["/api/orders/alice%40shop.example/cancel/", "/api/orders/_/cancel/"],
  ["/api/orders/张三/", "/api/orders/_/"],
  ["/%E5%BC%A0%E4%B8%89/x/a@b", "/_/x/_"],
  [`/api/${"i".repeat(64)}/`, undefined],
  [`/api/${"t".repeat(65)}/`, "/api/_/"],
  ["//a//", undefined],
])("of %s", (path, expected = path) => {
  expect(spanPath(path)).toBe(expected);
});

test("a path of any length takes as long as its length, not the square of it", () => {
  // By the square it would be minutes.
  expect(spanPath(`/${"a".repeat(1_000_000)}/x`)).toBe("/_/x");
});
