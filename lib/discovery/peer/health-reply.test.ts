import { expect, test } from "@jest/globals";
import { judgeHealth } from "./health-reply.ts";

const itself = { service: "S", instance: "one", status: "ok" };

test.each([
  ["its own identity", 200, itself, "healthy"],
  ["its own identity, degraded", 200, { ...itself, status: "degraded" }, "healthy"],
  ["its own identity, down", 503, { ...itself, status: "down" }, "down"],
  ["its own identity, and an error", 500, itself, "unclear"],
  ["another instance", 200, { ...itself, instance: "two" }, "misdirected"],
  ["another instance that is down", 503, { ...itself, instance: "two", status: "down" }, "misdirected"],
  ["another service", 200, { ...itself, service: "T" }, "misdirected"],
  ["a misdirected request", 421, {}, "misdirected"],
  ["no such path", 404, {}, "misdirected"],
  ["no identity", 200, { status: "ok" }, "misdirected"],
  ["no object", 200, ["S", "one"], "misdirected"],
  ["a problem", 500, { code: "internal" }, "unclear"],
  ["a problem", 503, { status: "down" }, "unclear"],
])("a reply with %s, status %i", (_, status, body, finding) => {
  expect(judgeHealth(itself, { status, body: JSON.stringify(body) })).toBe(finding);
});

test("a page is of some other server", () => {
  expect(judgeHealth(itself, { status: 200, body: "<html>" })).toBe("misdirected");
});

test.each([
  [200, "healthy"],
  [404, "misdirected"],
  [421, "misdirected"],
  [500, "unclear"],
])("where no instance is known, the status counts: %i", (status, finding) => {
  const expected = { service: "S", instance: undefined };
  const body = JSON.stringify({ service: "T", instance: "two" });
  expect(judgeHealth(expected, { status, body })).toBe(finding);
});
