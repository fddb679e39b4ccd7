// A service in another language on the map: spans by OpenTelemetry's own SDK for Python, as it sends them without being told more than
// where, and one trace with the request that it makes here.

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser } from "playwright-core";
import type { Page as Listed } from "../../../local/control-room/api.ts";
import type { TraceSummary } from "../../../local/control-room/telemetry-contract.ts";
import { launchChromium } from "../../support/chromium.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { mustRun } from "../../support/run.ts";
import { type System, startSystem } from "../../support/system.ts";
import { FETCH_WITHIN_MS, pythonWith } from "../../support/tools.ts";

const PACKAGES = ["opentelemetry-sdk==1.45.2", "opentelemetry-exporter-otlp-proto-http==1.45.2"];
const SERVICE = "catalogue";

let browser: Browser;
let system: System;
let base: string;

beforeAll(async () => {
  browser = await launchChromium();
  const [port] = await freePorts(1);
  base = `http://127.0.0.1:${port}`;
  system = await startSystem({ env: { DEBUG: "True", CONTROL_ROOM_PORT: String(port) } });
  const python = join(await pythonWith(PACKAGES), "python");
  const script = join(import.meta.dirname, "other_language.py");
  await mustRun(python, [script, `${system.urls.orders}/api/orders/`], {
    env: { ...process.env, OTEL_SERVICE_NAME: SERVICE, OTEL_EXPORTER_OTLP_ENDPOINT: base },
  });
}, FETCH_WITHIN_MS);
afterAll(async () => {
  await browser?.close();
  await system?.cleanUp();
});

test("it is on the map, with its calls", async () => {
  const page = await browser.newPage({ locale: "en-GB" });
  await page.goto(`${base}/#/map`);
  const row = (table: string, name: RegExp) =>
    page.getByRole("region", { name: table, exact: true }).getByRole("row", { name });
  await row("Instances", new RegExp(`^${SERVICE} `)).waitFor();
  await row("Calls", new RegExp(`^${SERVICE} OrderService`)).waitFor();
  await page.close();
});

test("its request and what it led to here are one trace", async () => {
  const both = await until("the trace is whole", async () => {
    const reply = await fetch(`${base}/api/traces?service=${SERVICE}`);
    const { items }: Listed<TraceSummary> = JSON.parse(await reply.text());
    return items.find(({ services }) => services.includes("OrderService"));
  });
  expect(both).toMatchObject({ root_service: SERVICE, root_name: "GET /catalogue/" });
});
