import { getEventListeners } from "node:events";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../tests/support/poll.ts";
import { type Attempt, AttemptFailed } from "./attempt.ts";
import {
  type InProcessExchange,
  InProcessFirst,
  InProcessListeners,
  type InProcessRequest,
} from "./in-process.ts";
import type { PeerReply } from "./peer.ts";

/** Time for a reply that no machine needs. */
const LONG_MS = 60_000;
const OK: PeerReply = { status: 200, headers: {}, body: "in process" };
const BY_HTTP: PeerReply = { status: 200, headers: {}, body: "by HTTP" };

describe("calls inside one process", () => {
  let listeners: InProcessListeners;
  let remove: () => void;
  let accepted: InProcessRequest[];
  let begun: number;
  let hungUp: number;
  /** What the listener does with an exchange that begins. */
  let work: (onReply: (reply: PeerReply) => void) => void;
  let first: InProcessFirst;

  beforeEach(() => {
    listeners = new InProcessListeners();
    accepted = [];
    begun = 0;
    hungUp = 0;
    work = (onReply) => onReply(OK);
    const exchange: InProcessExchange = {
      start(onReply) {
        begun += 1;
        work(onReply);
      },
      hangUp() {
        hungUp += 1;
      },
    };
    remove = listeners.add({
      service: "OrderService",
      instance: "i-1",
      port: 8001,
      accept(request) {
        accepted.push(request);
        return request.target === "/elsewhere/" ? undefined : exchange;
      },
    });
    first = new InProcessFirst(listeners, { send: async () => BY_HTTP });
  });

  const ours = { "cfmp-target-service": "OrderService", "cfmp-target-instance": "i-1" };
  const attempt = (rest: Partial<Attempt> = {}): Attempt => ({
    origin: "http://127.0.0.1:8001",
    path: "/x/?y=1",
    method: "GET",
    headers: ours,
    body: undefined,
    timeout: LONG_MS,
    signal: undefined,
    ...rest,
  });
  const failure = (given: Attempt): Promise<unknown> => first.send(given).catch((error: unknown) => error);

  test("carry what a listener receives by HTTP", async () => {
    const headers = { ...ours, "content-type": "application/json" };
    expect(await first.send(attempt({ method: "POST", headers, body: '{"name":"张"}' }))).toEqual(OK);
    expect(accepted).toEqual([
      {
        method: "POST",
        target: "/x/?y=1",
        headers: {
          host: "127.0.0.1:8001",
          connection: "keep-alive",
          "content-type": "application/json",
          "cfmp-target-service": "OrderService",
          "cfmp-target-instance": "i-1",
          "content-length": "14",
        },
        body: Buffer.from('{"name":"张"}'),
        address: "127.0.0.1",
      },
    ]);
  });

  test.each<[string, Partial<Attempt>]>([
    ["another instance", { headers: { ...ours, "cfmp-target-instance": "i-2" } }],
    ["another service", { headers: { ...ours, "cfmp-target-service": "PaymentService" } }],
    ["no instance", { headers: { "cfmp-target-service": "OrderService" } }],
    ["another port", { origin: "http://127.0.0.1:8002" }],
    ["a port that ends alike", { origin: "http://127.0.0.1:18001" }],
    ["TLS", { origin: "https://127.0.0.1:8001" }],
  ])("go by HTTP when they are for %s", async (_, rest) => {
    expect(await first.send(attempt(rest))).toEqual(BY_HTTP);
    expect(accepted).toEqual([]);
  });

  test.each<[string, Partial<Attempt>]>([
    ["HEAD", { method: "HEAD" }],
    ["GET with a body", { body: "x" }],
    ["a path beyond ASCII", { path: "/张/" }],
    ["a fragment", { path: "/x/#y" }],
    ["a name that is none", { headers: { ...ours, "x y": "1" } }],
    ["a name in capitals", { headers: { ...ours, "X-Own": "1" } }],
    ["a header of the connection", { headers: { ...ours, connection: "close" } }],
    ["a value beyond ASCII", { headers: { ...ours, "x-own": "é" } }],
    ["a value with a line break", { headers: { ...ours, "x-own": "a\r\nb: c" } }],
    ["a value that would be trimmed", { headers: { ...ours, "x-own": "a " } }],
    ["a long head", { headers: { ...ours, "x-own": "x".repeat(9_000) } }],
  ])("go by HTTP when HTTP has a say in them: %s", async (_, rest) => {
    expect(await first.send(attempt(rest))).toEqual(BY_HTTP);
    expect(accepted).toEqual([]);
  });

  test("go by HTTP when the listener does not take them", async () => {
    expect(await first.send(attempt({ path: "/elsewhere/" }))).toEqual(BY_HTTP);
    expect(begun).toBe(0);
  });

  test("go by HTTP once the listener is removed: there is nobody there, or somebody else", async () => {
    remove();
    expect(await first.send(attempt())).toEqual(BY_HTTP);
  });

  test("are refused like a connection when the listener closes before they begin", async () => {
    const failed = failure(attempt());
    remove();
    expect(await failed).toMatchObject({ kind: "unreachable", sent: false });
    expect([begun, hungUp]).toEqual([0, 0]);
  });

  test("begin in a later turn: neither the stack grows nor does the process miss its timers", async () => {
    let depth = 0;
    work = (onReply) => {
      depth += 1;
      if (depth === 20_000) onReply(OK);
      else void first.send(attempt()).then(onReply);
    };
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 1);
    expect(await first.send(attempt())).toEqual(OK);
    clearInterval(ticking);
    expect(depth).toBe(20_000);
    expect(ticks).toBeGreaterThan(0);
  });

  test("end at their time limit, and the callee notices; its late reply is ignored", async () => {
    let late: (() => void) | undefined;
    work = (onReply) => {
      late = () => onReply(OK);
    };
    const failed = failure(attempt({ timeout: 20 }));
    expect(await failed).toBeInstanceOf(AttemptFailed);
    expect(await failed).toMatchObject({ kind: "timeout", sent: true, message: "no reply within 20 ms" });
    expect([begun, hungUp]).toEqual([1, 1]);
    late?.();
    expect(hungUp).toBe(1);
  });

  test("get more time while there is no other instance", async () => {
    let answer = () => {};
    work = (onReply) => {
      answer = () => onReply(OK);
    };
    let extensions = 0;
    const moreTime = () => {
      extensions += 1;
      if (extensions === 3) answer();
      return 5;
    };
    expect(await first.send(attempt({ timeout: 5, moreTime }))).toEqual(OK);
    expect(hungUp).toBe(0);
  });

  test("are cancelled by their caller, before they begin and while the callee works", async () => {
    expect(await failure(attempt({ signal: AbortSignal.abort() }))).toMatchObject({
      kind: "cancelled",
      sent: false,
    });
    work = () => {};
    const controller = new AbortController();
    const { signal } = controller;
    const failed = failure(attempt({ signal }));
    await until("it has begun", () => begun === 1);
    controller.abort();
    expect(await failed).toMatchObject({ kind: "cancelled", sent: true });
    expect([begun, hungUp]).toEqual([1, 1]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("leave nothing behind at their caller's signal", async () => {
    const { signal } = new AbortController();
    await first.send(attempt({ signal }));
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(hungUp).toBe(0);
  });

  test("take no reply that is too large", async () => {
    work = (onReply) => onReply({ ...OK, body: "x".repeat(10 * 1024 * 1024 + 1) });
    expect(await failure(attempt())).toMatchObject({ kind: "broken", sent: true });
  });
});
