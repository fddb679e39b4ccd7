// Services are alike: who knows one finds their way in the others.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import * as z from "zod";
import type { Route } from "../lib/contract/route.ts";
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

/** Files that only bring the handlers of several routes together, for a function that serves them all. */
const shared = services.flatMap(({ contract }) =>
  Object.values<Route>(contract.routes).map((route) => `${route.function}.ts`),
);

test.each(handlers)("$key/handlers/$file exports what it does, and its handler", async ({ key, file }) => {
  const exported = await import(join(import.meta.dirname, key, "handlers", file));
  expect(Object.keys(exported).sort()).toEqual(shared.includes(file) ? ["handler"] : ["handle", "handler"]);
});

/** The parts of a request to `route` that are UUIDs. */
function uuidsOf({ params, query, body }: Route): readonly (readonly [string, z.ZodType])[] {
  return [params, query, body].flatMap((part) => {
    if (!(part instanceof z.ZodObject)) return [];
    return Object.entries<z.ZodType>(part.shape).filter(([, schema]) => isUuid(schema));
  });
}

const isUuid = (schema: z.ZodType): boolean =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }).format === "uuid";

const uuids = services.flatMap(({ contract }) =>
  Object.values<Route>(contract.routes).flatMap((route) =>
    uuidsOf(route).map(([name, schema]) => ({ route: route.id, name, schema })),
  ),
);

test.each(uuids)("$route takes $name in either case, as one and the same", ({ schema }) => {
  const id = "0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47";
  expect(schema.parse(id.toUpperCase())).toBe(id);
});

test("that is all ids of paths, and ids of bodies as well", () => {
  const named = services.flatMap(({ contract }) =>
    Object.values<Route>(contract.routes).filter(({ path }) => path.includes("{id}")),
  );
  expect(uuids.filter(({ name }) => name === "id")).toHaveLength(named.length);
  expect(uuids.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["order_id", "payment_id", "related_id"]),
  );
});
