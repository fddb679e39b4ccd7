// The promises and the orders of a system that runs, as its control room's page shows them in a real browser.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser, Locator, Page } from "playwright-core";
import { type Database, openDatabase } from "../../../tools/database.ts";
import { launchChromium } from "../../support/chromium.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { shop } from "../../support/shop.ts";
import { watchStalls } from "../../support/stalls.ts";
import { type System, startSystem } from "../../support/system.ts";

/** Within which a planted violation has to be seen. */
const SEEN_WITHIN_MS = 10_000;
/** The database's process, the control room, the browser and this one: on a busy machine each waits for a core. */
const PROCESSES = 4;
const stalls = watchStalls();

let browser: Browser;
let page: Page;
let system: System;
let base: string;
let order: string;
let database: Database;

beforeAll(async () => {
  const [port] = await freePorts(1);
  base = `http://127.0.0.1:${port}`;
  browser = await launchChromium();
  system = await startSystem({ env: { DEBUG: "True", CONTROL_ROOM_PORT: String(port) } });
  database = openDatabase(undefined, { ...process.env, ...system.env });
  const buyer = shop({ ...system, urls: { ...system.urls, orders: system.gatewayUrl } });
  order = (await buyer.order()).body.id;
  page = await browser.newPage({ locale: "en-GB" });
  await page.goto(`${base}/#/promises`);
});
afterAll(async () => {
  await browser?.close();
  await database?.close();
  await system?.cleanUp();
});

/** Edits the order where it is stored, past all services. */
async function edit(change: (doc: Record<string, unknown>) => void): Promise<void> {
  await until("the edit is not overtaken", async () => {
    const item = await database.table("orders").get(order);
    if (item === undefined) throw new Error("The order is not there");
    const doc: Record<string, unknown> = JSON.parse(item.doc);
    change(doc);
    const next = { ...item, version: item.version + 1, doc: JSON.stringify(doc) };
    return database.table("orders").put(next, item.version);
  });
}

async function seenSoon(what: Locator): Promise<void> {
  const began = performance.now();
  await what.waitFor();
  expect(performance.now() - began).toBeLessThan(SEEN_WITHIN_MS + PROCESSES * stalls());
}

test("kept promises are shown as kept, and what was checked is counted", async () => {
  await page.getByRole("row", { name: /1 Money kept 1/ }).waitFor();
  await page.getByText("All promises are kept.").waitFor();
});

test("a planted violation is red within ten seconds, with its order, and green again when it is repaired", async () => {
  await edit((doc) => {
    doc["status"] = "paid";
  });
  const wrong = page.getByRole("row", { name: new RegExp(`Money ${order} the order is paid`) }).first();
  await seenSoon(wrong);
  await page.getByRole("row", { name: /1 Money broken/ }).waitFor();
  await wrong.getByRole("link", { name: order }).click();
  await page.getByText("status pending paid").waitFor();
  await page.goBack();
  await edit((doc) => {
    doc["status"] = "pending";
  });
  await seenSoon(page.getByText("All promises are kept."));
  await page.getByRole("row", { name: new RegExp(order) }).waitFor({ state: "detached" });
});
