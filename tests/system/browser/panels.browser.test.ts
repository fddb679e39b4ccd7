// The control room's panels in a real browser, on the running system: what is done there happens, and is shown.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { chargeStore } from "../../../functions/payments/providers/sandbox/sandbox.ts";
import { PROVIDER_ROUTE, type TerminalView } from "../../../local/control-room/provider/contract.ts";
import { type Database, openDatabase } from "../../../tools/database.ts";
import { launchChromium } from "../../support/chromium.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { orderIn, type Shop, send, shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

let browser: Browser;
let page: Page;
let system: System;
let database: Database;
let base: string;
let customer: Shop;
const complaints: string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  const [port] = await freePorts(1);
  base = `http://127.0.0.1:${port}`;
  system = await startSystem({ env: { DEBUG: "True", CONTROL_ROOM_PORT: String(port) } });
  database = openDatabase(undefined, { ...process.env, ...system.env });
  customer = shop(system);
  page = await browser.newPage({ locale: "en-GB", viewport: { width: 1_440, height: 900 } });
  page.on("pageerror", (error) => complaints.push(String(error)));
});
afterAll(async () => {
  await browser?.close();
  await database?.close();
  await system?.cleanUp();
});

async function open(panel: string): Promise<void> {
  await page.goto(`${base}/#/${panel}`);
  await page.getByText("Live", { exact: true }).waitFor();
}

async function picture(name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/running-${name}.png` });
}

const button = (name: string | RegExp) => page.getByRole("button", { name });

/** An order whose payment has begun. */
async function begun(): Promise<{ order: string; payment: string }> {
  const order = (await customer.order()).body.id;
  const payment = await customer.pay(order);
  expect(payment.status).toBe(201);
  return { order, payment: payment.body.id };
}

const paymentIs = (payment: string, status: string) =>
  until(`payment ${payment} is ${status}`, async () => {
    const { body } = await customer.readPayment(payment);
    return body.status === status && body;
  });

describe("the live configuration", () => {
  test("is there as soon as a runtime has reported, on a page that was opened before", async () => {
    const early = {
      type: "about:blank",
      status: 409,
      code: "no_runtime",
      detail: "No runtime has reported yet.",
    };
    await page.route("**/api/config", (route) => route.fulfill({ status: 409, json: early }), { times: 1 });
    await open("config");
    await page.getByRole("textbox", { name: "Document" }).waitFor();
  });

  test("is checked as it is typed, published, in effect within a moment, and removed", async () => {
    await open("config");
    const editor = page.getByRole("textbox", { name: "Document" });
    await editor.fill('{ "page_size_default": 1000 }');
    await page.getByText(/^Refused: page_size_default: /).waitFor();
    expect(await button("Publish").isEnabled()).toBe(false);
    await editor.fill('{ "page_size_default": 1 }');
    await page.getByText("Valid. It changes: page_size_default: 10 → 1").waitFor();
    await button("Publish").click();
    await page.getByText(new RegExp(`^Published.* [\\d.]+ ms in process ${system.pid}\\.$`)).waitFor();
    await customer.order();
    await customer.order();
    expect((await customer.orders()).body.items).toHaveLength(1);
    await page
      .getByRole("region", { name: "In effect" })
      .getByRole("row", { name: /Nacos current/ })
      .waitFor();
    await picture("config");
    await button("Remove from Nacos").click();
    await page.getByText(/^Removed\./).waitFor();
    expect((await customer.orders()).body.items.length).toBeGreaterThan(1);
  });
});

describe("the provider's terminal", () => {
  const act = (action: string, payment: string) => button(`${action}: payment ${payment}`).click();

  test("approves, declines, and captures another amount", async () => {
    const [paid, declined, wrong] = [await begun(), await begun(), await begun()];
    await open("provider");
    await act("Approve", paid.payment);
    await act("Decline", declined.payment);
    await page.getByRole("textbox", { name: /^Captured amount/ }).fill("1.50");
    await act("Approve", wrong.payment);
    await orderIn(customer, paid.order, "paid");
    await paymentIs(declined.payment, "failed");
    // What does not pay the order is refunded.
    await paymentIs(wrong.payment, "refunded");
    await page.getByRole("row", { name: new RegExp(`${wrong.payment}.*refunded.*captured 1.50`) }).waitFor();
    await picture("provider");
  });

  test("delays and holds callbacks, sends them in the other order, and twice", async () => {
    const [first, second] = [await begun(), await begun()];
    await open("provider");
    await page.getByRole("combobox", { name: /^Callback/ }).selectOption("held");
    await act("Approve", first.payment);
    const row = (payment: string) => page.getByRole("row", { name: new RegExp(payment) });
    await row(first.payment).getByText("held", { exact: true }).waitFor();
    await act("Approve", second.payment);
    await row(second.payment).getByText("held", { exact: true }).waitFor();
    expect((await customer.readPayment(first.payment)).body.status).toBe("pending");
    await button("Send held ones, latest decision first").click();
    await page.getByText("Callbacks of 2 charges were sent.").waitFor();
    const [one, other] = [
      await paymentIs(first.payment, "succeeded"),
      await paymentIs(second.payment, "succeeded"),
    ];
    expect(Date.parse(other.updated_at)).toBeLessThanOrEqual(Date.parse(one.updated_at));
    await page.getByRole("combobox", { name: /^Callback/ }).selectOption("now");
    await picture("provider-reordered");
    await act("Send again", first.payment);
    await page.getByText(`Send again: done (${first.payment}).`).waitFor();
    await until("it is accepted once more", async () => {
      const text = await row(first.payment).textContent();
      return text?.endsWith("captured 299.99–") === true;
    });
    expect((await customer.readPayment(first.payment)).body).toMatchObject({
      status: "succeeded",
      updated_at: one.updated_at,
    });
  });
});

describe("the outbox", () => {
  test("lists what is parked, with its error, and tries it again", async () => {
    const { payment } = await begun();
    await open("provider");
    await page.getByRole("combobox", { name: /^Callback/ }).selectOption("held");
    await button(`Approve: payment ${payment}`).click();
    await page
      .getByRole("row", { name: new RegExp(payment) })
      .getByText("held", { exact: true })
      .waitFor();
    const { attempts }: TerminalView = (await send("GET", `${base}${PROVIDER_ROUTE}`)).body;
    const reference = attempts.find(({ payment_id }) => payment_id === payment)?.reference ?? "";
    const given_up = { parked_at: new Date().toISOString(), last_error: "PaymentService answered 422" };
    await chargeStore(database.table("sandbox")).change(reference, (charge) => ({
      ...charge,
      outbox: charge.outbox.map((event) => ({ ...event, ...given_up })),
    }));
    await open("outbox");
    const parked = page
      .getByRole("region", { name: "Parked now" })
      .getByRole("row", { name: new RegExp(reference) });
    await parked.getByText(given_up.last_error).waitFor();
    await picture("outbox-parked");
    await parked.getByRole("button", { name: /^Try again/ }).click();
    await page.getByText(`callback of ${reference} will be tried again in a moment.`).waitFor();
    await page.getByText("Nothing is parked.").waitFor();
    await paymentIs(payment, "succeeded");
  });
});

describe("faults", () => {
  const region = (name: string) => page.getByRole("region", { name, exact: true });
  const runtime = (pid: number) => region("Runtimes").getByRole("row", { name: new RegExp(`^${pid} `) });
  const backend = (name: string) => region("Registry and database").getByRole("row", { name });

  test("a runtime is slowed down, and runs as before", async () => {
    await open("faults");
    await button(`Slow down process ${system.pid}`).click();
    await runtime(system.pid).getByText("slowed down").waitFor();
    const isStopped = () => /\) T/.test(readFileSync(`/proc/${system.pid}/stat`, "utf8"));
    await until("it is stopped for a moment", isStopped);
    expect((await customer.order()).status).toBe(201);
    await button(`Resume process ${system.pid}`).click();
    await runtime(system.pid).getByText("slowed down").waitFor({ state: "hidden" });
    expect(isStopped()).toBe(false);
  });

  test("the database is stopped and started: nothing is lost", async () => {
    const { order } = await begun();
    await button("Stop the database").click();
    await backend("Database").getByText("down").waitFor();
    expect((await customer.readOrder(order)).status).toBe(503);
    await picture("faults");
    await button("Start the database").click();
    await backend("Database").getByText("ok").waitFor();
    await orderIn(customer, order, "pending");
  });

  test("the registry is stopped and started: calls go on", async () => {
    await button("Stop the registry").click();
    await backend("Registry").getByText("down").waitFor();
    await begun();
    await button("Start the registry").click();
    await backend("Registry").getByText("ok").waitFor();
  });

  test("another instance is added, takes its share, and is drained", async () => {
    await button(`Add instance process ${system.pid}`).click();
    const said = await page.getByText(/^Another one starts as process \d+\.$/).textContent();
    const pid = Number(/\d+/.exec(said ?? ""));
    await runtime(pid).getByText("ok").waitFor();
    const urls = `${system.registryUrl}/nacos/v1/ns/instance/list?serviceName=OrderService`;
    await until("it is registered", async () => {
      const { hosts }: { hosts: unknown[] } = JSON.parse(await (await fetch(urls)).text());
      return hosts.length === 2;
    });
    await picture("faults-added");
    await button(`Drain process ${pid}`).click();
    await runtime(pid).getByText("down").waitFor();
    await begun();
  });
});

describe("the page of the API", () => {
  test("leads from a reply to the trace of its request", async () => {
    const docs = await browser.newPage({ locale: "en-GB", viewport: { width: 1_200, height: 1_400 } });
    docs.on("pageerror", (error) => complaints.push(String(error)));
    try {
      await docs.goto(`${system.gatewayUrl}/docs/`);
      const operation = docs.locator("[id^=operations-]", { hasText: "/api/orders/stats/" });
      await operation.locator(".opblock-summary-control").click();
      await operation.locator(".try-out__btn").click();
      await operation.locator(".execute").click();
      const link = operation.getByRole("link", { name: "Trace of this request" });
      await link.waitFor();
      await link.scrollIntoViewIfNeeded();
      const folder = process.env["SCREENSHOTS"];
      if (folder !== undefined) await docs.screenshot({ path: `${folder}/docs-trace.png` });
      await page.goto((await link.getAttribute("href")) ?? "");
      await button(/OrderService GET \/api\/orders\/stats\//).waitFor();
    } finally {
      await docs.close();
    }
  });
});

test("no panel had an error of its own", () => {
  expect(complaints).toEqual([]);
});
