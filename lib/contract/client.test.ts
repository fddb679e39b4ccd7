import { describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { openScope } from "../core/scope.ts";
import type { PeerReply, PeerRequest } from "../discovery/peer/peer.ts";
import { PeerUnavailable } from "../discovery/peer/peer.ts";
import { createClient, PeerRefusal } from "./client.ts";
import { type Contract, defineRoute } from "./route.ts";

const thing = z.object({ name: z.string() });
const contract = {
  service: "ThingService",
  title: "",
  description: "",
  basePath: "/api/things",
  routes: {
    get: defineRoute({
      id: "get",
      method: "GET",
      path: "/internal/things/{id}/parts/{part}/",
      summary: "",
      access: "service",
      callers: ["OrderService"],
      params: z.object({ id: z.string(), part: z.string() }),
      query: z.object({ q: z.string().optional(), limit: z.number().optional() }),
      replies: { 200: { description: "", schema: thing } },
    }),
    make: defineRoute({
      id: "make",
      method: "POST",
      path: "/internal/things/",
      summary: "",
      access: "service",
      callers: ["OrderService"],
      body: thing,
      replies: { 201: { description: "", schema: thing }, 204: { description: "" } },
    }),
  },
} satisfies Contract;

const scope = openScope(
  "OrderService",
  "r",
  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  4_711,
);

/** A client whose peer answers with `reply`; `sent` is what reached the peer. */
function clientOf(reply: Partial<PeerReply> | Error) {
  const sent: (PeerRequest & { service: string })[] = [];
  const client = createClient(contract, {
    async call(service, request) {
      sent.push({ service, ...request });
      if (reply instanceof Error) throw reply;
      return { status: 200, headers: {}, body: '{"name":"tea"}', ...reply };
    },
    serviceToken: async (callee) => `token-for-${callee}`,
  });
  return { client, sent };
}

describe("a call", () => {
  test("names service, method, path and deadline, and may be repeated", async () => {
    const { client, sent } = clientOf({});
    await client.get({ params: { id: "a/b?c", part: "ü" }, query: { q: "x&y=z" } }, scope);
    expect(sent).toEqual([
      {
        service: "ThingService",
        caller: "OrderService",
        method: "GET",
        path: "/internal/things/a%2Fb%3Fc/parts/%C3%BC/?q=x%26y%3Dz",
        headers: { authorization: "Bearer token-for-ThingService", traceparent: scope.traceparent },
        retryable: true,
        deadline: 4_711,
        route: { id: "get", path: "/internal/things/{id}/parts/{part}/", params: { id: "a/b?c", part: "ü" } },
      },
    ]);
  });

  test("leaves out what is not given", async () => {
    const { client, sent } = clientOf({});
    await client.get({ params: { id: "a", part: "b" }, query: { q: undefined, limit: 3 } }, scope);
    expect(sent[0]?.path).toBe("/internal/things/a/parts/b/?limit=3");
  });

  test("sends its body as JSON", async () => {
    const { client, sent } = clientOf({ status: 201 });
    expect(await client.make({ body: { name: "tea" } }, scope)).toEqual({ name: "tea" });
    expect(sent[0]).toMatchObject({
      body: '{"name":"tea"}',
      headers: { "content-type": "application/json" },
    });
  });

  test.each(["", ".", ".."])("is not sent when a path parameter names nothing: %j", async (id) => {
    const { client, sent } = clientOf({});
    await expect(client.get({ params: { id, part: "b" } }, scope)).rejects.toThrow(
      `ThingService get: the path parameter id can't be "${id}"`,
    );
    expect(sent).toEqual([]);
  });

  test("is not sent by a service that the route does not name among its callers", async () => {
    const { client, sent } = clientOf({});
    const other = openScope("OtherService", "r");
    await expect(client.make({ body: { name: "tea" } }, other)).rejects.toThrow(
      "ThingService make is not for OtherService: name it among the callers in the contract",
    );
    expect(sent).toEqual([]);
  });

  test("is not sent without its path parameters, even if the types are bypassed", async () => {
    const { client, sent } = clientOf({});
    // @ts-expect-error a path parameter is missing
    await expect(client.get({ params: { part: "b" } }, scope)).rejects.toThrow(/path parameter id/);
    // @ts-expect-error all are missing
    await expect(client.get({}, scope)).rejects.toThrow(/path parameter id/);
    expect(sent).toEqual([]);
  });

  test("gives undefined for a reply without a body", async () => {
    const { client } = clientOf({ status: 204, body: "" });
    expect(await client.make({ body: { name: "tea" } }, scope)).toBeUndefined();
  });
});

describe("a peer that", () => {
  const get = (reply: Partial<PeerReply> | Error) =>
    clientOf(reply)
      .client.get({ params: { id: "a", part: "b" } }, scope)
      .catch((error: unknown) => error);

  test("refuses is reported: status, code and detail", async () => {
    const body = JSON.stringify({ type: "about:blank", status: 409, code: "taken", detail: "It is taken." });
    const refusal = await get({ status: 409, body });
    expect(refusal).toBeInstanceOf(PeerRefusal);
    expect(refusal).toMatchObject({ status: 409, code: "taken", detail: "It is taken." });
  });

  test("asks for a cool-down has it reported", async () => {
    const body = JSON.stringify({ code: "busy", detail: "Later." });
    expect(await get({ status: 503, body, headers: { "retry-after": "7" } })).toMatchObject({
      retryAfter: 7,
    });
    expect(await get({ status: 503, body })).toMatchObject({ retryAfter: undefined });
  });

  test.each([
    ["refuses with something else than a problem", { status: 502, body: "<html>bad gateway</html>" }, 502],
    ["answers with a status that is not in its contract", { status: 206 }, 206],
    ["answers with what is not JSON", { body: "<html>" }, 200],
    ["answers with nothing", { body: "" }, 200],
    ["answers with a body that its contract does not have", { body: '{"title":"tea"}' }, 200],
  ])("%s is not believed", async (_, reply, status) => {
    const refusal = await get(reply);
    expect(refusal).toBeInstanceOf(PeerRefusal);
    expect(refusal).toMatchObject({ status, code: "unexpected_reply" });
  });

  test("can't be reached says so", async () => {
    expect(await get(new PeerUnavailable("ThingService", "none", { maybeSent: false }))).toBeInstanceOf(
      PeerUnavailable,
    );
  });
});
