// What a typed client accepts, checked by the compiler: `npm run check:types` fails on a line that should be refused and
// is not.

import * as z from "zod";
import type { Scope } from "../core/scope.ts";
import { type ClientPorts, createClient } from "./client.ts";
import { type Contract, defineRoute } from "./route.ts";

const common = { summary: "", access: "service" } as const;
const things = {
  service: "ThingService",
  title: "",
  description: "",
  basePath: "/api/things",
  routes: {
    read: defineRoute({
      ...common,
      id: "read",
      method: "GET",
      path: "/internal/things/{id}/",
      params: z.object({ id: z.string() }),
      replies: { 200: { description: "", schema: z.object({ name: z.string() }) } },
    }),
    search: defineRoute({
      ...common,
      id: "search",
      method: "GET",
      path: "/internal/things/",
      query: z.object({ text: z.string(), limit: z.number().optional() }),
      replies: { 200: { description: "", schema: z.array(z.string()) } },
    }),
    list: defineRoute({
      ...common,
      id: "list",
      method: "GET",
      path: "/internal/all-things/",
      query: z.object({ limit: z.number().default(10) }),
      replies: { 200: { description: "", schema: z.array(z.string()) } },
    }),
    rename: defineRoute({
      ...common,
      id: "rename",
      method: "PUT",
      path: "/internal/things/{id}/",
      params: z.object({ id: z.string() }),
      body: z.object({ name: z.string(), note: z.string().optional() }),
      replies: { 204: { description: "" } },
    }),
  },
} satisfies Contract;

export async function calls(ports: ClientPorts, scope: Scope): Promise<void> {
  const client = createClient(things, ports);
  const params = { id: "1" };

  // What is declared is required, with the types of its schema.
  await client.read({ params }, scope);
  // @ts-expect-error no path parameters
  await client.read({}, scope);
  // @ts-expect-error one of them is missing
  await client.read({ params: {} }, scope);
  // @ts-expect-error not a text
  await client.read({ params: { id: 1 } }, scope);
  // @ts-expect-error undefined is no value
  await client.read({ params: { id: undefined } }, scope);

  await client.search({ query: { text: "tea" } }, scope);
  await client.search({ query: { text: "tea", limit: 3 } }, scope);
  // @ts-expect-error no query, though a part of it is required
  await client.search({}, scope);
  // @ts-expect-error the required part is missing
  await client.search({ query: { limit: 3 } }, scope);

  await client.rename({ params, body: { name: "tea" } }, scope);
  // @ts-expect-error no body
  await client.rename({ params }, scope);
  // @ts-expect-error no path parameters
  await client.rename({ body: { name: "tea" } }, scope);
  // @ts-expect-error a misspelt field
  await client.rename({ params, body: { nam: "tea" } }, scope);

  // A part whose schema takes an empty one may be left out.
  await client.list({}, scope);
  await client.list({ query: {} }, scope);
  await client.list({ query: { limit: 3 } }, scope);

  // What a route does not declare is not accepted.
  // @ts-expect-error no body is declared
  await client.read({ params, body: {} }, scope);
  // @ts-expect-error no query is declared
  await client.read({ params, query: { limit: 3 } }, scope);
  // @ts-expect-error no path parameters are declared
  await client.list({ params }, scope);
  // @ts-expect-error there is no such route
  await client.remove({ params }, scope);

  // Replies have the types of their schemas.
  const { name }: { name: string } = await client.read({ params }, scope);
  const nothing: undefined = await client.rename({ params, body: { name } }, scope);
  // @ts-expect-error the reply has no such field
  (await client.read({ params }, scope)).title;
  void nothing;
}
