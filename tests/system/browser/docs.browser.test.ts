// The page at /docs/ in a real browser, over the real handlers and an embedded database.

import { mkdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { notifications } from "../../../functions/notifications/contract.ts";
import { docs, docsAsset, openapi } from "../../../functions/notifications/handlers/common.ts";
import { handler as list } from "../../../functions/notifications/handlers/list-notifications.ts";
import { handler as send } from "../../../functions/notifications/handlers/send-notification.ts";
import { loadConfig } from "../../../lib/config/env.ts";
import { setLogSink } from "../../../lib/observability/log.ts";
import { createDynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { endpointOf } from "../../../lib/storage/endpoint.ts";
import { type Database, startDatabase } from "../../../local/database/server.ts";
import { createTables } from "../../../local/runtime/create-tables.ts";
import { launchChromium } from "../../support/chromium.ts";
import { type HandlerServer, serveHandlers } from "../../support/handler-server.ts";
import { systemTables } from "../../support/system-tables.ts";

const routes = notifications.routes;
const served = [
  { route: routes.openapi, handler: openapi },
  { route: routes.docs, handler: docs },
  { route: routes.docsAsset, handler: docsAsset },
  { route: routes.listNotifications, handler: list },
  { route: routes.sendNotification, handler: send },
];

const environment = { ...process.env };
let browser: Browser | undefined;
let database: Database | undefined;
let server: HandlerServer;
let page: Page;
let requested: string[];
let complaints: string[];

beforeAll(async () => {
  browser = await launchChromium();
  setLogSink(() => {});
  database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
  Object.assign(process.env, {
    DEBUG: "True",
    SECRET_KEY: "a secret of this test and nothing else",
    DB_NAME: "browser",
    DB_HOST: database.host,
    DB_PORT: String(database.port),
  });
  const client = createDynamoClient(endpointOf(loadConfig()));
  await createTables(client, systemTables("browser"));
  await client.close();
});

afterAll(async () => {
  await browser?.close();
  await database?.close();
  globalThis.cfmpOrderLogSink = undefined;
  process.env = environment;
});

beforeEach(async () => {
  server = await serveHandlers(served);
  if (!browser) throw new Error("The browser did not start");
  page = await browser.newPage({ viewport: { width: 1200, height: 1400 } });
  requested = [];
  complaints = [];
  page.on("request", (request) => requested.push(request.url()));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
});

afterEach(async () => {
  await page.close();
  await server.close();
});

/** Keeps a picture where CI and people can look at it. */
async function picture(name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}

describe("The page at /docs/", () => {
  test.each(["/docs/", "/docs"])("opened as %s lists every operation that users have", async (path) => {
    await page.goto(`${server.url}${path}`);
    await page.locator(".opblock").first().waitFor();
    const shown = await page.locator(".opblock .opblock-summary-path").allInnerTexts();
    // The viewer puts zero-width spaces where a long path may break.
    const paths = shown.map((text) => text.replaceAll("\u200b", "").trim());
    expect(paths.sort()).toEqual(
      Object.values(routes)
        .map((route) => route.path)
        .sort(),
    );
    await picture("docs");
  });

  test("sends no request to another host and breaks no rule of its own policy", async () => {
    await page.goto(`${server.url}/docs/`);
    await page.locator(".opblock").first().waitFor();
    await page.locator("#operations-Notifications-sendNotification .opblock-summary-control").click();
    await page.locator("#operations-Notifications-sendNotification .try-out__btn").waitFor();
    const elsewhere = requested.filter(
      (url) => !url.startsWith(`${server.url}/`) && !url.startsWith("data:"),
    );
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("sends a notification by `Try it out` and shows the reply", async () => {
    await page.goto(`${server.url}/docs/`);
    const operation = page.locator("#operations-Notifications-sendNotification");
    await operation.locator(".opblock-summary-control").click();
    await operation.locator(".try-out__btn").click();
    const body = operation.locator("textarea.body-param__text");
    // The contract's example, none that was made up of what the patterns allow.
    expect(await body.inputValue()).toContain("Back in stock");
    await body.fill('{"title":"From the page","content":"It works.","channels":["in_app"]}');
    await operation.locator(".execute").click();
    const reply = operation.locator(".live-responses-table");
    await reply.waitFor();
    expect(await reply.locator("tr.response .response-col_status").first().textContent()).toContain("201");
    expect(await reply.textContent()).toContain("From the page");
    // There is no control room that has its trace.
    expect(await operation.getByRole("link", { name: "Trace of this request" }).count()).toBe(0);
    await reply.scrollIntoViewIfNeeded();
    await picture("try-it-out");
    const listed = await fetch(`${server.url}/api/notifications/`);
    expect(await listed.json()).toMatchObject({ items: [{ title: "From the page", user_id: "demo" }] });
  });
});
