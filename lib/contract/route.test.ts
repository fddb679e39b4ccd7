import { expect, test } from "@jest/globals";
import * as z from "zod";
import { defineRoute } from "./route.ts";

/** A route whose schemas are functions, and the names of those that were called, in order. */
function declared() {
  const made: string[] = [];
  const making =
    <S extends z.ZodType>(name: string, schema: S) =>
    () => {
      made.push(name);
      return schema;
    };
  const route = defineRoute({
    id: "things",
    method: "POST",
    path: "/things/{id}/",
    summary: "",
    access: "user",
    params: making("params", z.object({ id: z.string() })),
    body: making("body", z.object({ name: z.string() })),
    replies: { 200: { description: "", schema: making("reply", z.object({ name: z.string() })) } },
  });
  return { route, made };
}

test("a schema that is declared as a function is made when it is read, and once", () => {
  const { route, made } = declared();
  expect(made).toEqual([]);
  expect(route.body.safeParse({ name: "tea" }).success).toBe(true);
  expect(route.body.safeParse({}).success).toBe(false);
  expect(made).toEqual(["body"]);
  expect(route.replies[200].schema.safeParse({}).success).toBe(false);
  expect(made).toEqual(["body", "reply"]);
});

test("who lists a route's members finds its schemas", () => {
  const { route, made } = declared();
  expect(Object.keys(route)).toEqual([
    "id",
    "method",
    "path",
    "summary",
    "access",
    "params",
    "body",
    "replies",
  ]);
  expect({ ...route }.params).toBe(route.params);
  expect(made).toEqual(["params", "body"]);
});
