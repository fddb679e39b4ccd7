import { describe, expect, test } from "@jest/globals";
import { matcher } from "./matcher.ts";

const match = matcher([
  { method: "GET", path: "/things/", id: "list" },
  { method: "POST", path: "/things/", id: "create" },
  { method: "POST", path: "/things/read-all/", id: "all" },
  { method: "GET", path: "/things/{id}/", id: "get" },
  { method: "DELETE", path: "/things/{other}/", id: "delete" },
  { method: "GET", path: "/openapi.json", id: "document" },
]);

const found = (method: string, path: string) => {
  const result = match(method, path);
  if (result === undefined) return undefined;
  return "route" in result ? result.route.id : result.allowed;
};

describe("a request is matched", () => {
  test.each([
    ["GET", "/things/", "list"],
    ["GET", "/things", "list"],
    ["POST", "/things/", "create"],
    ["GET", "/things/1/", "get"],
    ["DELETE", "/things/1", "delete"],
    ["HEAD", "/things/1/", "get"],
    ["POST", "/things/read-all/", "all"],
    ["GET", "/openapi.json", "document"],
  ])("%s %s", (method, path, id) => {
    expect(found(method, path)).toBe(id);
  });

  test("else its path says which methods it takes, a path without parameters first", () => {
    expect(found("PUT", "/things/")).toEqual(["GET", "POST"]);
    expect(found("PUT", "/things/1/")).toEqual(["GET", "DELETE"]);
    expect(found("DELETE", "/things/read-all/")).toEqual(["POST"]);
  });

  test.each(["/", "", "/thing/", "/things/1/2/", "/things//", "/openapixjson", "/x/things/"])(
    "or there is no such path: %s",
    (path) => {
      expect(found("GET", path)).toBeUndefined();
    },
  );
});
