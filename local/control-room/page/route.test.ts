import { expect, test } from "@jest/globals";
import { hashOf, PANELS, routeOf } from "./route.ts";

test.each(PANELS)("the link to %s leads there", (panel) => {
  const query = { text: "a&b=c d", service: "OrderService" };
  expect(routeOf(hashOf(panel, query))).toEqual({ panel, query });
});

test.each(["", "#", "#/", "#/nowhere"])("%p shows the map", (hash) => {
  expect(routeOf(hash)).toEqual({ panel: "map", query: {} });
});

test("empty filters are not in the link", () => {
  expect(hashOf("logs", { text: "", level: "warn" })).toBe("#/logs?level=warn");
});
