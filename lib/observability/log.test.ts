import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type LogSink, serviceLog, setLogSink } from "./log.ts";

let lines: { service: string; entry: Record<string, unknown> }[] = [];
let before: LogSink | undefined;

beforeEach(() => {
  lines = [];
  before = globalThis.cfmpOrderLogSink;
  setLogSink((service, line) => lines.push({ service, entry: JSON.parse(line) }));
});
afterEach(() => {
  globalThis.cfmpOrderLogSink = before;
});

test("a line is one JSON object with service, level, time and message", () => {
  serviceLog("OrderService").info({ order: "o-1" }, "created");
  expect(lines).toEqual([
    {
      service: "OrderService",
      entry: {
        service: "OrderService",
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        message: "created",
        order: "o-1",
      },
    },
  ]);
});

test("secrets are not logged, at the top or one level below", () => {
  const secrets = { authorization: "x1", token: "x2", secret: "x3", password: "x4", signature: "x5" };
  serviceLog("OrderService").warn({ ...secrets, headers: secrets }, "careful");
  expect(JSON.stringify(lines)).not.toMatch(/x\d/);
  expect(lines[0]?.entry["headers"]).toMatchObject({ authorization: "[redacted]" });
});

test("each service has one logger, and lines of its own", () => {
  expect(serviceLog("OrderService")).toBe(serviceLog("OrderService"));
  serviceLog("PaymentService").info("paid");
  expect(lines.map(({ service }) => service)).toEqual(["PaymentService"]);
});

test("a line shows nothing that a terminal would act on, and means the same", () => {
  const written: string[] = [];
  setLogSink((_, line) => written.push(line));
  const path = "/\u001b[2J\u009b1A\u202e\u2028\n";
  serviceLog("OrderService").info({ path }, path);
  expect(written[0]).toMatch(/^[\x20-\x7e]+\n$/);
  expect(JSON.parse(written[0] ?? "")).toMatchObject({ path, message: path });
});
