// A runtime's reports as a collector gets them: lines wait for the next report, or hurry while a page is open.

import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { RecordedSpan } from "../../lib/observability/span.ts";
import { listen } from "../../tests/support/free-ports.ts";
import { until } from "../../tests/support/poll.ts";
import { Recording } from "./recording.ts";
import { MAX_BODY_BYTES, REPORT_EVERY_MS, type Report } from "./report.ts";
import { type Reporter, startReporter } from "./reporter.ts";
import { testReport } from "./test-reports.ts";

const SPAN: RecordedSpan = {
  service: "OrderService",
  name: "POST /api/orders/",
  kind: "server",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  parentSpanId: undefined,
  startMs: 1_772_366_400_000.125,
  endMs: 1_772_366_400_001.5,
  attributes: { "http.response.status_code": 201 },
  failed: false,
};

/** A request that has acknowledged an order, in a trace that is not recorded. */
const acknowledging = {
  name: SPAN.name,
  durationMs: 1,
  failed: false,
  isRecorded: false,
  namesCaller: false,
  status: 201,
  idOf: () => "o-1",
  alone: () => SPAN,
};

let server: Server;
let url: string;
let isOpen: boolean;
let status: number;
let answers: boolean;
let bodies: string[];
let made: number;
let recording: Recording;
let reporter: Reporter;

beforeEach(async () => {
  [isOpen, status, answers, bodies, made] = [false, 200, true, [], 0];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    if (!answers) return void request.socket.destroy();
    response.writeHead(status).end(JSON.stringify({ watched: isOpen }));
  });
  url = `http://127.0.0.1:${await listen(server)}`;
  recording = new Recording(() => "OrderService");
  reporter = startReporter({
    recording,
    target: () => ({ url, reportToken: "t" }),
    report: async () => {
      made += 1;
      return testReport(`report ${made}`);
    },
  });
  await until("the first report is there", () => bodies.length === 1);
});
afterEach(async () => {
  await reporter.stop();
  server.closeAllConnections();
  server.close();
});

const headOf = (body: string): Report => JSON.parse(body.split("\n", 1)[0] ?? "");
const lineIn = (line: string) => bodies.find((body) => body.split("\n").includes(line));

test("where no page is open, a line goes with the next report", async () => {
  recording.line("one\n");
  await until("it was sent", () => lineIn("one"));
  expect(lineIn("one")).toContain("report 2");
});

test("while a page is open, spans and lines follow before the next report is made", async () => {
  isOpen = true;
  const before = bodies.length;
  await until("the next report has been answered", () => bodies.length > before + 1);
  const [reports, begun] = [made, performance.now()];
  recording.line("two\n");
  recording.record(SPAN);
  await until("they were sent", () => lineIn("two"));
  // On a machine that is too busy for that, the next report may have overtaken them.
  if (performance.now() - begun < REPORT_EVERY_MS / 2) expect(made).toBe(reports);
  expect(lineIn("two")).toContain(`["${SPAN.traceId}"`);
});

test("what is much is sent at once", async () => {
  const reports = made;
  const begun = performance.now();
  for (let no = 0; no < 60; no += 1) recording.line(`${"x".repeat(9_999)}\n`);
  await until("a first part was sent", () => bodies.some((body) => body.includes("xxx")));
  if (performance.now() - begun < REPORT_EVERY_MS / 2) expect(made).toBe(reports);
});

test("what a collector could not take is sent again, under the same number", async () => {
  answers = false;
  recording.line("three\n");
  await until("it was sent twice", () => bodies.filter((body) => body.includes("three")).length === 2);
  answers = true;
  recording.line("four\n");
  await until("the next was sent", () => lineIn("four"));
  const numbers = bodies.filter((body) => body.includes("three")).map((body) => headOf(body).batch);
  expect(new Set(numbers).size).toBe(1);
  expect(headOf(lineIn("four") ?? "")).toMatchObject({ batch: Number(numbers[0]) + 1, dropped: {} });
});

test("what was refused, and what there is no room for, is counted", async () => {
  status = 400;
  recording.line("five\n");
  recording.record(SPAN);
  recording.served("OrderService", acknowledging, false);
  await until("they are counted", () =>
    bodies.some((body) => {
      const { dropped } = headOf(body);
      return ["logs_refused", "spans_refused", "acknowledged_refused"].every((what) => dropped[what] === 1);
    }),
  );
  recording.line(`${"x".repeat(MAX_BODY_BYTES)}\n`);
  await until("it is counted", () => bodies.some((body) => headOf(body).dropped["logs_queue_full"] === 1));
});
