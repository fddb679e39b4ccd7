// A runtime's reports as a collector gets them: lines wait for the next report, or hurry while a page is open.

import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { listen } from "../../tests/support/free-ports.ts";
import { until } from "../../tests/support/poll.ts";
import { REPORT_EVERY_MS } from "./report.ts";
import { type Reporter, startReporter } from "./reporter.ts";
import { testReport } from "./test-reports.ts";

let server: Server;
let url: string;
let isOpen: boolean;
let status: number;
let bodies: string[];
let made: number;
let told: boolean[];
let reporter: Reporter;

beforeEach(async () => {
  [isOpen, status, bodies, made, told] = [false, 200, [], 0, []];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    response.writeHead(status).end(JSON.stringify({ watched: isOpen }));
  });
  url = `http://127.0.0.1:${await listen(server)}`;
  reporter = startReporter({
    target: () => ({ url, reportToken: "t" }),
    report: async () => {
      made += 1;
      return testReport(`report ${made}`);
    },
    watched: (now) => void told.push(now),
  });
  await until("the first report is there", () => bodies.length === 1);
});
afterEach(async () => {
  await reporter.stop();
  server.closeAllConnections();
  server.close();
});

const lineIn = (line: string) => bodies.find((body) => body.split("\n").includes(line));

test("where no page is open, a line goes with the next report", async () => {
  reporter.line("one\n");
  await until("it was sent", () => lineIn("one"));
  expect(lineIn("one")).toContain("report 2");
  expect(told).toEqual([]);
});

test("while a page is open, a line follows before the next report is made, and spans are told to hurry", async () => {
  isOpen = true;
  await until("the next report has told", () => told.at(-1) === true);
  const before = made;
  const begun = performance.now();
  reporter.line("two\n");
  await until("it was sent", () => lineIn("two"));
  // On a machine that is too busy for that, the next report may have overtaken it.
  if (performance.now() - begun < REPORT_EVERY_MS / 2) expect(made).toBe(before);
  expect(told).toEqual([true]);
  isOpen = false;
  await until("the page is known to be closed", () => told.at(-1) === false);
});

test("where the collector is gone, nobody is taken to look", async () => {
  isOpen = true;
  await until("the next report has told", () => told.at(-1) === true);
  server.closeAllConnections();
  server.close();
  reporter.line("three\n");
  await until("it has noticed", () => told.at(-1) === false);
});
