import { beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fallbackHandler } from "./fallback.ts";
import { httpHandler } from "./handler.ts";
import { reply } from "./reply.ts";
import { context, httpEvent, things } from "./test-things.ts";

beforeAll(() => {
  Object.assign(process.env, { SECRET_KEY: "a secret of this test alone", DEBUG: "True" });
});

const { createThing, listThings, updateThing, receive, readInternal } = things.routes;
const create = httpHandler(things, createThing, async ({ body }) => reply(201, { name: body.name }));
const handlers = [
  create,
  httpHandler(things, listThings, async ({ query }) => reply(200, { name: query.cursor ?? "" })),
  httpHandler(things, updateThing, async ({ params }) => reply(200, { name: params.id })),
  httpHandler(things, receive, async ({ rawBody }) => reply(200, { name: rawBody })),
  httpHandler(things, readInternal, async () => reply(200, { name: "" })),
  fallbackHandler(things),
];

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", "\u0000", "__proto__"),
);
const headerName = fc.constantFrom(
  "host",
  "content-type",
  "authorization",
  "uuid",
  "traceparent",
  "idempotency-key",
  "if-match",
  "if-none-match",
  "cfmp-timeout",
  "cfmp-target-service",
  "cfmp-target-instance",
  "__proto__",
);
const anyBody = fc.oneof(
  anyText,
  fc.json({ maxDepth: 6 }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("base64")),
  fc.constant('{"name":"tea"}'),
);
/** Any headers at all, which mostly end at the first check, and such as get further. */
const anyHeaders = fc.oneof(
  fc.dictionary(headerName, fc.oneof(anyText, fc.constantFrom("application/json", "localhost", "Bearer x"))),
  fc.record(
    {
      "content-type": fc.constantFrom("application/json", "text/plain", ""),
      uuid: fc.constantFrom("ann", ""),
      "idempotency-key": fc.constantFrom("k", "a key"),
    },
    { requiredKeys: ["content-type"] },
  ),
);
const anyRequest = fc.record(
  {
    method: fc.oneof(fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH"), anyText),
    path: fc.oneof(fc.constantFrom("/api/things/", "/"), fc.webPath(), anyText),
    params: fc.dictionary(fc.constantFrom("id", "__proto__"), fc.oneof(fc.uuid(), anyText)),
    query: fc.dictionary(fc.oneof(fc.constantFrom("limit", "cursor"), anyText), anyText),
    headers: anyHeaders,
    body: anyBody,
    base64: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** One that is as it should be: what is drawn need not have one. */
const created = {
  method: "POST",
  path: "/api/things/",
  headers: { "content-type": "application/json", uuid: "ann", "idempotency-key": "k" },
  body: '{"name":"tea"}',
};

test("whatever is sent, the answer is a valid one and never a 5xx", async () => {
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...handlers), anyRequest, async (handler, request) => {
      const result = await handler(httpEvent(request), context);
      const status = result.statusCode ?? 0;
      seen.set(status, (seen.get(status) ?? 0) + 1);
      // A deadline that has passed is the one thing that a caller's own words turn into a 503.
      if (status === 503) expect(result.body).toContain("deadline_exceeded");
      else expect(status).toBeLessThan(500);
      expect(status).toBeGreaterThanOrEqual(200);
      for (const value of Object.values(result.headers ?? {})) expect(typeof value).toBe("string");
      const body = JSON.parse(result.body ?? "");
      if (status >= 400)
        expect(body).toMatchObject({ status, code: expect.any(String), trace_id: expect.any(String) });
    }),
    { numRuns: 1_000, examples: [[create, created]] },
  );
  // The test means something only if it gets past the first check often enough.
  expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 201, 400, 401, 404, 405, 415, 422]));
});
