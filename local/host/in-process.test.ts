// Calls inside one process, answered by handlers as they are deployed: no check of theirs is skipped.

import { AsyncLocalStorage } from "node:async_hooks";
import { beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Attempt } from "../../lib/discovery/peer/attempt.ts";
import { InProcessFirst, InProcessListeners } from "../../lib/discovery/peer/in-process.ts";
import { httpHandler } from "../../lib/http/handler.ts";
import { reply } from "../../lib/http/reply.ts";
import type { RequestContext } from "../../lib/http/request-scope.ts";
import { things } from "../../lib/http/test-things.ts";
import { platform } from "../../lib/platform/platform.ts";
import { until } from "../../tests/support/poll.ts";
import { loopbackNames } from "../shared/listener/hosts.ts";
import { type CountedListener, inProcessListener } from "./in-process.ts";
import type { Invoke } from "./invoke.ts";
import { routeFinder } from "./routes.ts";

/** Time for a reply that no machine needs. */
const LONG_MS = 60_000;
const PORT = 8001;

beforeAll(() => {
  Object.assign(process.env, {
    SECRET_KEY: "a secret of this test alone",
    DEBUG: "True",
    CFMP_INSTANCE: "i-1",
  });
});

let listener: CountedListener;
let calls: InProcessFirst;
let reports: unknown[];
let byHttp: Attempt[];

beforeEach(() => {
  reports = [];
  byHttp = [];
});

/** Answers `GET /internal/things.json` and `POST /internal/things/` by `invoke`, as the instance i-1 of ThingService. */
function serve(invoke: Invoke, instance = "i-1"): void {
  const target = {
    name: "test",
    timeoutMs: 3_000,
    memoryMb: 256,
    invoke,
    report: (error: unknown) => void reports.push(error),
  };
  const keys = ["GET /internal/things.json", "POST /internal/things/"];
  const find = routeFinder(keys.map((routeKey) => ({ routeKey, target })));
  const rules = { hosts: loopbackNames, origins: [], maxBodyBytes: 1_000 };
  const identity = { service: "ThingService", instance, port: PORT };
  const listeners = new InProcessListeners();
  listener = inProcessListener(identity, rules, find);
  listeners.add(listener);
  calls = new InProcessFirst(listeners, {
    send: async (attempt) => {
      byHttp.push(attempt);
      return { status: 0, headers: {}, body: "" };
    },
  });
}

const attempt = (headers: Readonly<Record<string, string>> = {}, rest: Partial<Attempt> = {}): Attempt => ({
  origin: `http://127.0.0.1:${PORT}`,
  path: "/internal/things.json",
  method: "GET",
  headers: { "cfmp-target-service": "ThingService", "cfmp-target-instance": "i-1", ...headers },
  body: undefined,
  timeout: LONG_MS,
  signal: undefined,
  ...rest,
});

describe("the handler's own checks", () => {
  const internal = httpHandler(things, things.routes.readInternal, async ({ caller, scope }) => {
    const who = caller.kind === "service" ? caller.name : caller.kind;
    return reply(200, { name: `${who} ${scope.deadline > performance.now()}` });
  });
  const token = (caller: string, callee = "ThingService") => platform().tokens.mintService(caller, callee);
  const answered = async (headers: Readonly<Record<string, string>>) => {
    const { status, body } = await calls.send(attempt(headers));
    return [status, JSON.parse(body).code ?? JSON.parse(body).name];
  };
  // biome-ignore lint/suspicious/noExplicitAny: a handler takes its event as it is
  const invoke: Invoke = (event: any, context: any) => internal(event, context);

  beforeEach(() => serve(invoke));

  test("a service with its token is answered", async () => {
    const authorization = `Bearer ${await token("OrderService")}`;
    expect(await answered({ authorization, "cfmp-timeout": "5000" })).toEqual([200, "OrderService true"]);
    expect(byHttp).toEqual([]);
  });

  test("nobody is without a token that is valid here, for a caller that the route names", async () => {
    const bearer = async (...of: Parameters<typeof token>) => ({
      authorization: `Bearer ${await token(...of)}`,
    });
    const user = await platform().tokens.mintUser({ sub: "u-1" }, 60);
    expect(await answered({})).toEqual([401, "token_missing"]);
    expect(await answered({ authorization: "Bearer a.b.c" })).toEqual([401, "token_invalid"]);
    expect(await answered({ authorization: `Bearer ${user}` })).toEqual([401, "token_invalid"]);
    expect(await answered(await bearer("OrderService", "OtherService"))).toEqual([401, "token_invalid"]);
    expect(await answered(await bearer("PaymentService"))).toEqual([403, "caller_not_allowed"]);
    expect(byHttp).toEqual([]);
  });

  test("another instance than the one that answers is misdirected", async () => {
    serve(invoke, "i-0");
    expect(await answered({ "cfmp-target-instance": "i-0" })).toEqual([421, "misdirected"]);
    expect(byHttp).toEqual([]);
  });

  test("a deadline that is over is respected", async () => {
    const authorization = `Bearer ${await token("OrderService")}`;
    const { status } = await calls.send(attempt({ authorization, "cfmp-timeout": "0" }));
    expect(status).toBe(503);
  });
});

test("the function does not see the asynchronous context of its caller, who keeps it", async () => {
  const store = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  serve(async () => {
    seen.push(store.getStore());
    await new Promise(setImmediate);
    seen.push(store.getStore());
    store.enterWith("the callee's");
    return { statusCode: 200 };
  });
  await store.run("the caller's", async () => {
    await calls.send(attempt());
    expect(store.getStore()).toBe("the caller's");
  });
  expect(seen).toEqual([undefined, undefined]);
});

test("nothing is shared: what the function changes, its caller does not see, and the other way round", async () => {
  const result = { statusCode: 200, headers: { "x-own": "1" }, body: "text" };
  // biome-ignore lint/suspicious/noExplicitAny: a handler takes its event as it is
  serve(async (event: any) => {
    event.headers["x-own"] = "changed";
    event.headers["cfmp-target-instance"] = "changed";
    return result;
  });
  const given = attempt({ "x-own": "0" });
  Object.freeze(given.headers);
  const got = await calls.send(given);
  expect(given.headers).toMatchObject({ "x-own": "0", "cfmp-target-instance": "i-1" });
  result.headers["x-own"] = "2";
  expect(got).toMatchObject({ status: 200, headers: { "x-own": "1" }, body: "text" });
});

test("a function that throws is a 500 that says nothing of the inside, and is reported", async () => {
  serve(async () => {
    throw new Error("inside");
  });
  const { status, headers, body } = await calls.send(attempt());
  expect([status, headers["content-type"], JSON.parse(body).code]).toEqual([
    500,
    "application/problem+json",
    "internal",
  ]);
  expect(body).not.toContain("inside");
  expect(reports).toEqual([new Error("inside")]);
});

test("a caller that gives up is heard of by the function, whose late reply is dropped", async () => {
  const heard: string[] = [];
  const release = Promise.withResolvers<void>();
  const under: number[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: a handler takes its context as it is
  serve(async (_: unknown, context: any) => {
    const { onHangUp }: RequestContext = { onHangUp: context.onHangUp.bind(context), ...context };
    onHangUp?.(() => heard.push("hung up"));
    under.push(listener.underWay());
    await release.promise;
    heard.push("done");
    return { statusCode: 200 };
  });
  const moreTime = () => (under.length === 0 ? 50 : 0);
  await expect(calls.send(attempt({}, { timeout: 50, moreTime }))).rejects.toMatchObject({
    kind: "timeout",
    sent: true,
  });
  expect([under, listener.underWay()]).toEqual([[1], 0]);
  await until("it has heard", () => heard.length === 1);
  release.resolve();
  await until("it is done", () => heard.length === 2);
  expect([heard, reports]).toEqual([["hung up", "done"], []]);
});

test("a reply ends the exchange: a function hears of no hang-up after it", async () => {
  const heard: string[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: a handler takes its context as it is
  serve(async (_: unknown, context: any) => {
    context.onHangUp(() => heard.push("hung up"));
    return { statusCode: 200 };
  });
  const controller = new AbortController();
  await calls.send(attempt({}, { signal: controller.signal }));
  controller.abort();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect([heard, listener.underWay()]).toEqual([[], 0]);
});

test.each<[string, Partial<Attempt>]>([
  ["no route", { path: "/nowhere/" }],
  ["a path that can't be read", { path: "/%ff/" }],
  [
    "a body beyond the listener's limit",
    { method: "POST", path: "/internal/things/", body: "x".repeat(1_001) },
  ],
  ["a host name that the listener does not serve", { origin: `http://shop.example:${PORT}` }],
])("what the listener refuses goes by HTTP: %s", async (_, rest) => {
  serve(async () => ({ statusCode: 200 }));
  await calls.send(attempt({}, rest));
  expect(byHttp).toHaveLength(1);
});
