// What a declaration of a route accepts, and what a handler is given of it; checked by `npm run check:types`.

import * as z from "zod";
import { type BodyOf, defineRoute, type ParamsOf, type QueryOf, type ReplyOf } from "./route.ts";

const base = { id: "read", path: "/things/{id}/", summary: "", access: "user", replies: {} } as const;

export const read = defineRoute({
  ...base,
  method: "GET",
  params: z.object({ id: z.string() }),
  query: () => z.object({ limit: z.string().transform(Number).optional() }),
  replies: {
    200: { description: "", schema: () => z.object({ name: z.string() }) },
    204: { description: "" },
  },
});

export const refused = [
  // @ts-expect-error a misspelt member
  defineRoute({ ...base, method: "GET", idempotnt: true }),
  // @ts-expect-error no such method
  defineRoute({ ...base, method: "FETCH" }),
  // @ts-expect-error nobody may call it
  defineRoute({ ...base, method: "GET", access: "everyone" }),
  // @ts-expect-error not a schema
  defineRoute({ ...base, method: "GET", params: { id: "string" } }),
  // @ts-expect-error makes no schema
  defineRoute({ ...base, method: "GET", params: () => "string" }),
];

// Parsed parts, as their schemas give them; what is not declared is not there.
export const params: ParamsOf<typeof read> = { id: "1" };
export const query: QueryOf<typeof read> = { limit: 3 };
export const body: BodyOf<typeof read> = undefined;
// @ts-expect-error a body is not declared
export const noBody: BodyOf<typeof read> = {};

// Replies: a declared status with its body.
export const replies: ReplyOf<typeof read>[] = [
  { status: 200, body: { name: "tea" } },
  { status: 204, body: undefined },
  // @ts-expect-error the status is not declared
  { status: 201, body: { name: "tea" } },
  // @ts-expect-error the body lacks a field
  { status: 200, body: {} },
];
