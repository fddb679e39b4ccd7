// Services are alike: who knows one finds their way in the others.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { services } from "./services.ts";

const isSource = (name: string): boolean => name.endsWith(".ts") && !/(\.test|^test-[\w-]+)\.ts$/.test(name);
const sourcesIn = (...path: string[]): string[] =>
  readdirSync(join(import.meta.dirname, ...path)).filter(isSource);

const handlers = services.flatMap(({ key }) =>
  sourcesIn(key, "handlers")
    .filter((file) => file !== "common.ts")
    .map((file) => ({ key, file })),
);

describe.each(services.map(({ key }) => key))("the folder of %s", (key) => {
  test("has the same files as the others for what each service has", () => {
    const common = ["aggregates.ts", "command.ts", "contract.ts", "ports.ts", "service.ts", "tables.ts"];
    expect(sourcesIn(key)).toEqual(expect.arrayContaining(common));
    expect(sourcesIn(key, "handlers")).toContain("common.ts");
  });

  test("keeps no tests of handlers but beside them", () => {
    const tested = readdirSync(join(import.meta.dirname, key, "handlers"))
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => name.replace(".test.ts", ".ts"));
    expect(sourcesIn(key, "handlers")).toEqual(expect.arrayContaining(tested));
  });
});

test.each(handlers)("$key/handlers/$file exports what it does, and its handler", async ({ key, file }) => {
  const exported = await import(join(import.meta.dirname, key, "handlers", file));
  expect(Object.keys(exported).sort()).toEqual(["handle", "handler"]);
});
