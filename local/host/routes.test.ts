import { describe, expect, test } from "@jest/globals";
import { Problem } from "../../lib/http/problem.ts";
import { type HostRoute, routeFinder } from "./routes.ts";

const routes = (...keys: readonly string[]): readonly HostRoute<string>[] =>
  keys.map((routeKey) => ({ routeKey, target: routeKey }));

const find = routeFinder(
  routes(
    "GET /things/",
    "POST /things/",
    "GET /things/{id}/",
    "PUT /things/{id}/",
    "GET /things/all/",
    "GET /things/{id}/parts/{part}/",
    "GET /things.json",
    "GET /files/{name}",
  ),
);

describe("a request's route", () => {
  test.each([
    ["GET", "/things/", "GET /things/"],
    ["GET", "/things", "GET /things"],
    ["POST", "/things/", "POST /things/"],
    ["GET", "/things/1", "GET /things/{id}"],
    ["GET", "/things/1/", "GET /things/{id}/"],
    ["GET", "/things/all/", "GET /things/all/"],
    ["PUT", "/things/all/", "PUT /things/{id}/"],
    ["GET", "/things/1/parts/2/", "GET /things/{id}/parts/{part}/"],
    ["HEAD", "/things/1/", "GET /things/{id}/"],
    ["GET", "/things.json", "GET /things.json"],
    ["GET", "/th%69ngs/1", "GET /things/{id}"],
  ])("is found by method and path: %s %s", (method, path, routeKey) => {
    expect(find(method, path)?.routeKey).toBe(routeKey);
  });

  test.each([
    ["DELETE", "/things/"],
    ["HEAD", "/nowhere/"],
    ["get", "/things/"],
    ["GET", "/"],
    ["GET", ""],
    ["GET", "/Things/"],
    ["GET", "//things/"],
    ["GET", "/things//"],
    ["GET", "/things//parts/2/"],
    ["GET", "/things/1/parts/"],
    ["GET", "/things/1/2/"],
    ["GET", "/things.json/"],
    ["GET", "/thingsXjson"],
    ["GET", "/things/."],
    ["GET", "/things/.."],
    ["GET", "/things/%2e%2E/"],
    ["OPTIONS", "*"],
  ])("is none for what is not declared: %s %s", (method, path) => {
    expect(find(method, path)).toBeUndefined();
  });

  test.each([
    ["a%20b", "a b"],
    ["a+b", "a+b"],
    ["a%2Fb", "a/b"],
    ["a%2520b", "a%20b"],
    ["%E5%BC%A0", "张"],
    ["__proto__", "__proto__"],
    ["...", "..."],
  ])("has its parameters decoded once: %s", (sent, id) => {
    const found = find("GET", `/things/${sent}/parts/7/`);
    expect(Object.entries(found?.pathParameters ?? {})).toEqual([
      ["id", id],
      ["part", "7"],
    ]);
    expect(found?.path).toBe(`/things/${id}/parts/7/`);
  });

  test.each(["%ff", "%zz", "%", "%E5%BC"])("a path that is not UTF-8 is refused: %s", (sent) => {
    for (const path of [`/things/${sent}/`, `/${sent}`]) {
      expect(() => find("GET", path)).toThrow(expect.objectContaining({ status: 400, code: "bad_request" }));
      expect(() => find("GET", path)).toThrow(Problem);
    }
  });

  test("is $default where no other matches", () => {
    const all = routeFinder(routes("GET /a/", "$default"));
    expect(all("GET", "/a")).toMatchObject({ target: "GET /a/", routeKey: "GET /a" });
    expect(all("POST", "/a")).toEqual({ target: "$default", routeKey: "$default", path: "/a" });
    expect(all("GET", "/b%20c")).toEqual({ target: "$default", routeKey: "$default", path: "/b c" });
  });

  test("of the shortest path there is", () => {
    expect(routeFinder(routes("GET /"))("GET", "/")).toMatchObject({ routeKey: "GET /" });
  });
});

test.each([
  ["GET /a/", "GET /a"],
  ["GET /a/{id}", "GET /a/{name}/"],
  ["ANY"],
  ["a route"],
  ["GET /{proxy+}"],
  ["GET /a{id}/"],
])("routes that can't be served are refused: %s", (...keys) => {
  expect(() => routeFinder(routes(...keys))).toThrow(TypeError);
});
