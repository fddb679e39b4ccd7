import { expect, test } from "@jest/globals";
import { serverlessFunctions } from "../../build/functions.ts";
import { services } from "../../functions/services.ts";
import { hostedRoutes, needsEmulation } from "./hosted-routes.ts";

const functions = { run: async () => undefined, report: () => {} };
const keys = (...events: readonly object[]) =>
  hostedRoutes(
    { one: { handler: "a.handler", events: events.map((event) => ({ ...event })) } },
    {},
    functions,
  ).map(({ routeKey }) => routeKey);

test("every declared route of every service is hosted", () => {
  for (const service of services) {
    const declared = Object.values(service.contract.routes).map(({ method, path }) => `${method} ${path}`);
    const hosted = hostedRoutes(serverlessFunctions([service], "local"), {}, functions);
    expect(hosted.map(({ routeKey }) => routeKey).sort()).toEqual(declared.sort());
  }
});

test("events are read in each form that serverless.yml may have", () => {
  expect(keys({ httpApi: { method: "get", path: "/a/" } }, { httpApi: "POST /b" })).toEqual([
    "GET /a/",
    "POST /b",
  ]);
});

test("what the host does not do is left to serverless-offline", () => {
  const authorizer = { httpApi: { method: "GET", path: "/a/", authorizer: { name: "own" } } };
  const others = [{ httpApi: "*" }, { httpApi: { method: "*", path: "/a/" } }, { httpApi: "ANY /a" }];
  const more = [
    { httpApi: "GET /{proxy+}" },
    { schedule: { rate: "rate(1 minute)" } },
    { websocket: "$connect" },
  ];
  expect(keys(authorizer, ...others, ...more)).toEqual([]);
});

test("a function's own limits go before the provider's", () => {
  const definitions = {
    one: { handler: "a.one", name: "full-one", events: [{ httpApi: "GET /1" }] },
    two: { handler: "a.two", timeout: 3, memorySize: 256, events: [{ httpApi: "GET /2" }] },
  };
  const targets = hostedRoutes(definitions, { timeout: 15, memorySize: 512 }, functions).map(
    ({ target }) => target,
  );
  expect(targets).toMatchObject([
    { name: "full-one", timeoutMs: 15_000, memoryMb: 512 },
    { name: "two", timeoutMs: 3_000, memoryMb: 256 },
  ]);
});

test("serverless-offline is needed at the start for a route that the host leaves to it, and for nothing else", () => {
  const needed = (...events: readonly object[]) =>
    needsEmulation({ one: { handler: "a.handler", events: events.map((event) => ({ ...event })) } });
  expect(needed({ httpApi: { method: "GET", path: "/a/", authorizer: { name: "own" } } })).toBe(true);
  expect(needed({ httpApi: "GET /a" }, { httpApi: "ANY /a" })).toBe(true);
  expect(needed({ httpApi: "GET /a" }, { httpApi: "*" }, { schedule: { rate: "rate(1 minute)" } })).toBe(
    false,
  );
  for (const service of services) {
    expect(needsEmulation(serverlessFunctions([service], "local"))).toBe(false);
  }
});
