// The control room's page in a real browser, over its own server and a history in memory.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { ACTIONS } from "../../../local/control-room/actions.ts";
import type { Session } from "../../../local/control-room/api.ts";
import { Collector } from "../../../local/control-room/collector.ts";
import { History } from "../../../local/control-room/history.ts";
import { PANELS } from "../../../local/control-room/page/route.ts";
import { TEXTS } from "../../../local/control-room/page/texts.ts";
import { pageAssets } from "../../../local/control-room/page-assets.ts";
import { createServerOf } from "../../../local/control-room/server.ts";
import { testLine, testSpan } from "../../../local/control-room/test-spans.ts";
import { launchChromium } from "../../support/chromium.ts";
import { samplePanels } from "./sample-panels.ts";

const ORDER = "01980000-0000-7000-8000-000000000001";
const TOKEN = "a token of this test";
const SERVICES = ["OrderService", "PaymentService", "NotificationService"];

let browser: Browser;
let context: BrowserContext;
let page: Page;
let base: string;
let collector: Collector;
let asked: unknown[];
let complaints: string[];
const ends: (() => unknown)[] = [];

const report = (state: "starting" | "ok" = "ok") =>
  JSON.stringify({
    instance: "runtime-1",
    pid: 4711,
    started_at: Date.now() - 60_000,
    version: "0.1.0",
    state,
    gateway_url: "http://127.0.0.1:8000",
    services: SERVICES.map((name, index) => ({
      name,
      url: `http://127.0.0.1:${8_001 + index}`,
      in_flight: 0,
      connections: 1,
    })),
    peers: [],
    registry: { kind: "embedded", address: "127.0.0.1:8848", ok: true },
    database: { kind: "embedded", address: "127.0.0.1:8003" },
    memory_bytes: 200_000_000,
    cpu: 0.2,
    event_loop_p99_ms: 12,
    dropped: {},
    command: { exec_path: "node", exec_argv: [], argv: [], cwd: ".", env: {} },
  });

/** A minute's calls: a buyer's order over the gateway, with its payment, which failed, and the database. */
function addTraffic(): void {
  const at = Date.now() - 2_000;
  const order = { "cfmp.order.id": ORDER };
  const items = [
    testSpan(1, 1, { service: "gateway", started_at: at, duration_ms: 90, attributes: order }),
    testSpan(1, 2, { service: "OrderService", started_at: at + 5, duration_ms: 70, attributes: order }),
    testSpan(1, 3, {
      service: "OrderService",
      kind: "client",
      name: "call PaymentService",
      started_at: at + 20,
      duration_ms: 40,
      failed: true,
      attributes: { "cfmp.peer.service": "PaymentService" },
    }),
    testSpan(1, 4, { service: "PaymentService", started_at: at + 25, duration_ms: 30, failed: true }),
  ];
  collector.takeSpans({ items, malformed: 0 });
  const trace_id = items[0]?.trace_id ?? "";
  collector.takeLogs({
    items: [
      testLine(at + 30, { message: "payment refused", level: "warn", service: "PaymentService", trace_id }),
      testLine(at + 31, { message: "order created", trace_id, fields: { order_id: ORDER } }),
    ],
    malformed: 0,
  });
  const changes = [
    item("orders", at + 10, 1, orderDoc("pending")),
    item("orders", at + 40, 2, orderDoc("paid")),
  ];
  const others = { others: new Uint8Array(), unfollowed: 0 };
  collector.takeStored({ changes, ...others, lost: false, size: 0 });
  const point = (back: number) => ({
    at: at - back,
    name: "cpu",
    labels: { instance: "runtime-1" },
    value: back / 1e5,
  });
  collector.takePoints({ items: [20_000, 15_000, 10_000, 5_000, 0].map(point), malformed: 0 });
}

const orderDoc = (status: string) => ({
  id: ORDER,
  status,
  buyer_id: "demo",
  seller_id: "sam",
  customer_name: "Zhang San",
  total: 29_999,
  currency: "CNY",
  created_at: "2026-11-29T06:00:00.000Z",
  updated_at: "2026-11-29T06:00:01.000Z",
  deleted_at: null,
});

/** What the embedded database reports of a write. */
const item = (table: string, at: number, version: number, doc: { readonly id: string }) => ({
  at,
  table: `cfmp-order-${table}`,
  text: JSON.stringify({
    id: { S: doc.id },
    version: { N: String(version) },
    schema_version: { N: "1" },
    doc: { S: JSON.stringify(doc) },
  }),
});

beforeAll(async () => {
  browser = await launchChromium();
  ends.push(() => browser.close());
  const history = await History.open(":memory:", { bytes: 16_000_000, ms: 3_600_000 });
  const health = async () => ({ status: "ok" as const, checks: {}, outbox: { lag_ms: 0, parked: 0 } });
  collector = new Collector({ history, id: "c-1", log: () => {}, healthOf: health });
  ends.push(() => collector.close());
  const session = (): Session => ({
    token: TOKEN,
    version: "0.1.0",
    collector: "c-1",
    gateway_url: "http://127.0.0.1:8000",
    mail_url: null,
    actions: ACTIONS,
  });
  const listener = createServerOf({
    collector,
    actions: async (action) => {
      asked.push(action);
      return { done: true, detail: "Process 4711 was killed.", pid: 4711 };
    },
    panels: samplePanels,
    reportToken: "of runtimes",
    session,
    page: pageAssets(),
    log: () => {},
  });
  base = `http://127.0.0.1:${await listener.open({ host: "127.0.0.1", port: 0 })}`;
  ends.push(() => listener.close(0));
  collector.takeReport(Buffer.from(report()));
  addTraffic();
});
afterAll(async () => {
  await context?.close();
  for (const end of ends.reverse()) await end();
});

beforeEach(() => {
  asked = [];
  complaints = [];
});

async function open(options: Parameters<Browser["newContext"]>[0], hash = ""): Promise<void> {
  collector.takeReport(Buffer.from(report()));
  await context?.close();
  context = await browser.newContext({ locale: "en-GB", ...options, bypassCSP: false });
  page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${base}/${hash}`);
  await page.getByRole("navigation").waitFor();
  // Until here it may have taken so long that the runtime counts as stopped.
  collector.takeReport(Buffer.from(report()));
}

const region = (name: string) => page.getByRole("region", { name, exact: true });

describe("panels", () => {
  beforeEach(() => open({}));

  test("the map shows services, and a runtime that ends within a moment", async () => {
    await region("Instances")
      .getByRole("row", { name: /PaymentService ok/ })
      .waitFor();
    await region("Calls")
      .first()
      .getByRole("row", { name: /OrderService PaymentService/ })
      .waitFor();
    collector.ended("runtime-1");
    await page.getByText(/^Not well: .*PaymentService/).waitFor();
    collector.takeReport(Buffer.from(report("starting").replaceAll("runtime-1", "runtime-2")));
    await region("Instances")
      .first()
      .getByRole("row", { name: /PaymentService starting/ })
      .waitFor();
    collector.takeReport(Buffer.from(report()));
    await page.getByText("All is well").waitFor();
    expect(complaints).toEqual([]);
  });

  test("an order is found by its status, and its time line joins writes, services and log lines", async () => {
    await page.getByRole("link", { name: "Orders" }).click();
    await page.getByRole("combobox", { name: "Status" }).selectOption("paid");
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByRole("link", { name: ORDER }).click();
    await page.getByText("2 of 2 writes of 1 items are in the time line.").waitFor();
    await region("Time line").getByText("status pending paid").waitFor();
    expect(await region("Time line").getByText("Zhang San").count()).toBe(0);
    await region("Time line").getByRole("link", { name: "payment refused" }).waitFor();
    // It goes on while it is shown.
    const late = testSpan(9, 1, {
      service: "late",
      name: "POST /late/",
      attributes: { "cfmp.order.id": ORDER },
    });
    collector.takeSpans({ items: [late], malformed: 0 });
    await region("Time line").getByRole("link", { name: "POST /late/" }).waitFor();
    await page.getByRole("checkbox", { name: "Log lines" }).uncheck();
    await region("Time line").getByRole("link", { name: "payment refused" }).waitFor({ state: "detached" });
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export JSON" }).click();
    const exported: { readonly timeline: readonly { readonly kind: string }[] } = JSON.parse(
      await readFile(await (await download).path(), "utf8"),
    );
    expect(exported.timeline.map(({ kind }) => kind).sort()).toEqual(
      [..."ll"]
        .map(() => "log")
        .concat(
          [..."sssss"].map(() => "span"),
          ["write", "write"],
        ),
    );
  });

  test("an unknown order is said to be unknown", async () => {
    await open({}, "#/orders?id=none");
    await page.getByText("No order with this id is known.").waitFor();
  });

  test("traces and logs lead to each other", async () => {
    await page.getByRole("link", { name: "Traces" }).click();
    await page.getByRole("textbox", { name: "Attribute (key=value)" }).fill(`cfmp.order.id=${ORDER}`);
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByRole("link", { name: /gateway: POST/ }).click();
    await page.getByRole("button", { name: /call PaymentService/ }).click();
    await page.getByText("cfmp.peer.service").waitFor();
    await page.getByRole("link", { name: "Log lines of this trace" }).click();
    // The list fills the window: what was chosen is below it, and comes into view.
    await page.setViewportSize({ width: 1_440, height: 600 });
    await page.getByRole("button", { name: /payment refused/ }).click();
    const chosen = await page.getByRole("complementary", { name: "Fields" }).boundingBox();
    expect((chosen?.y ?? 600) + (chosen?.height ?? 0)).toBeLessThan(601);
    // By keyboard it would be reached only behind all lines.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Fields" }).waitFor({ state: "detached" });
    const focused = await page.evaluate<string>("document.activeElement.textContent");
    expect(focused).toContain("payment refused");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Show its trace" }).click();
    await page.getByRole("button", { name: /call PaymentService/ }).waitFor();
  });

  test("new lines are shown as they arrive, those that the filter lets through", async () => {
    await open({}, "#/logs?level=warn");
    await page.getByRole("button", { name: /payment refused/ }).waitFor();
    const items = [
      testLine(Date.now(), { message: "quiet one" }),
      testLine(Date.now(), { message: "late one", level: "error" }),
    ];
    collector.takeLogs({ items, malformed: 0 });
    await page.getByRole("button", { name: /late one/ }).waitFor();
    expect(await page.getByText("quiet one").count()).toBe(0);
  });

  test("a runtime is killed with the token of the session", async () => {
    await page.getByRole("link", { name: "Faults" }).click();
    await page.getByRole("button", { name: "Kill process 4711" }).first().click();
    await page.getByText("Process 4711 was killed.").waitFor();
    expect(asked).toEqual([{ action: "kill", runtime: "runtime-1" }]);
  });

  test("one that can't be drawn says so, and the others are as they were", async () => {
    await page.route("**/api/metrics", (route) => route.fulfill({ json: { items: 5 } }), { times: 1 });
    await page.getByRole("link", { name: "Metrics" }).click();
    await page.getByText(/This panel could not be drawn/).waitFor();
    await page.getByRole("link", { name: "Map" }).click();
    await page.getByRole("heading", { name: "Instances" }).waitFor();
    await page.getByRole("link", { name: "Metrics" }).click();
    await page.locator(".plot canvas").first().waitFor();
  });

  test("outbox, history and metrics", async () => {
    await page.getByRole("link", { name: "Outbox" }).click();
    await page.getByText(/of 16 MB/).waitFor();
    await page.getByRole("link", { name: "Metrics" }).click();
    await page.locator(".plot canvas").first().waitFor();
    expect(complaints).toEqual([]);
  });
});

const LOOKS = [
  { name: "light", colorScheme: "light", locale: "en-GB", viewport: { width: 1_440, height: 900 } },
  { name: "dark", colorScheme: "dark", locale: "en-GB", viewport: { width: 1_440, height: 900 } },
  { name: "zh", colorScheme: "light", locale: "zh-CN", viewport: { width: 1_280, height: 800 } },
  { name: "narrow", colorScheme: "light", locale: "en-GB", viewport: { width: 360, height: 740 } },
  { name: "wide", colorScheme: "dark", locale: "zh-CN", viewport: { width: 2_560, height: 1_300 } },
] as const;

describe.each(LOOKS)("$name", ({ name, ...options }) => {
  test.each([...PANELS, "traces?trace", "sent?id=3", "sent?id=2"])(
    "%s is accessible and fits the window",
    async (panel) => {
      const trace = testSpan(1, 1).trace_id;
      const hash = panel.startsWith("traces?") ? `traces?trace=${trace}` : panel;
      await open(options, `#/${hash}${panel === "orders" ? `?id=${ORDER}` : ""}`);
      const texts = TEXTS[options.locale === "zh-CN" ? "zh" : "en"];
      await page.getByText(texts.connected, { exact: true }).waitFor();
      await page.waitForLoadState("load");
      await page.locator("main :is(table, ol, ul, canvas, iframe)").first().waitFor();
      if (process.env["SCREENSHOTS"])
        await page.screenshot({
          path: `${process.env["SCREENSHOTS"]}/${name}-${panel.replace("?", "-").trim()}.png`,
        });
      await page.evaluate(await axeSource());
      const violations: unknown = await page.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))",
      );
      expect(violations).toEqual([]);
      const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      expect(overflow).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
    },
  );
});

const axeSource = () => readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
