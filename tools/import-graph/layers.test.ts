import { describe, expect, test } from "@jest/globals";
import { foldersOf, printed } from "./layers.ts";

const file = (source: string, ...resolved: string[]) => ({
  source,
  dependencies: resolved.map((path) => ({ resolved: path })),
});

describe("the layers of imports", () => {
  const folders = foldersOf([
    file("lib/core/time.ts"),
    file("lib/core/time.test.ts", "lib/http/reply.ts"),
    file("lib/http/reply.ts", "lib/core/time.ts", "lib/http/problem.ts", "node_modules/zod/index.js"),
    file("functions/services.ts", "functions/orders/contract.ts"),
    file("functions/orders/contract.ts", "lib/http/reply.ts", "lib/core/time.ts"),
  ]);

  test("name each folder once, the lowest first, with what it imports besides what comes along", () => {
    expect(folders).toEqual([
      { name: "lib/core", layer: 0, imports: [] },
      { name: "lib/http", layer: 1, imports: ["lib/core"] },
      { name: "functions", layer: 2, imports: ["lib/http"] },
    ]);
  });

  test("are printed a line each", () => {
    expect(printed(folders).split("\n").slice(1)).toEqual([
      " 0  lib/core",
      " 1  lib/http   → lib/core",
      " 2  functions  → lib/http",
    ]);
  });
});

test("folders that import each other are a circle, though no two files do", () => {
  const files = [
    file("lib/core/a.ts", "lib/http/b.ts"),
    file("lib/http/b.ts"),
    file("lib/http/c.ts", "lib/core/d.ts"),
    file("lib/core/d.ts"),
  ];
  expect(() => foldersOf(files)).toThrow("A circle of folders: lib/core → lib/http → lib/core");
});
