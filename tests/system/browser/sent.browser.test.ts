// The panel of mails, pushes and webhooks in a real browser, on the running system.

import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { createTokens } from "../../../lib/auth/tokens.ts";
import { launchChromium } from "../../support/chromium.ts";
import { freePorts } from "../../support/free-ports.ts";
import { LiveClient } from "../../support/live-client.ts";
import { until } from "../../support/poll.ts";
import { send, shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

const SECRET_KEY = "the secret key of this test alone, which is long enough";
const SELLER = randomUUID();

let browser: Browser;
let page: Page;
let system: System;
let base: string;
let receiver: Server;
let hookUrl: string;
const answer = { status: 500, body: "the disk is full" };
const complaints: string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  receiver = createServer((request, response) => {
    request.resume().once("end", () => response.writeHead(answer.status).end(answer.body));
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  hookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks?secret=1`;
  const [port] = await freePorts(1);
  base = `http://127.0.0.1:${port}`;
  system = await startSystem({ env: { DEBUG: "True", SECRET_KEY, CONTROL_ROOM_PORT: String(port) } });
  page = await browser.newPage({ locale: "en-GB", viewport: { width: 1_440, height: 1_000 } });
  page.on("pageerror", (error) => complaints.push(String(error)));
});
afterAll(async () => {
  await browser?.close();
  receiver?.close();
  await system?.cleanUp();
});

async function open(query = ""): Promise<void> {
  await page.goto(`${base}/#/sent${query}`);
  await page.getByText("Live", { exact: true }).waitFor();
}

async function picture(name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/running-${name}.png` });
}

const row = (...texts: readonly string[]) =>
  texts.reduce(
    (rows, text) => rows.filter({ hasText: text }),
    page.getByRole("region", { name: "Mail, push, webhooks" }).getByRole("row"),
  );

/** A buyer whose token has an address, so that they get mail. */
async function buyerWithMail() {
  const user = randomUUID();
  const tokens = createTokens({ SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" });
  const token = await tokens.mintUser({ sub: user, email: "li@shop.example" }, 600);
  return shop(system, user, { authorization: `Bearer ${token}` });
}

describe("mail, push and webhooks", () => {
  test("a mail is shown as it goes out, found by its order, and opened with its text and its HTML", async () => {
    const buyer = await buyerWithMail();
    await open();
    await page.getByText("Nothing that matches was sent.").waitFor();
    const order = (await buyer.order({ customer_name: "李四", total_amount: 12.5 })).body.id;
    await row("mail", "accepted", buyer.user, order).waitFor();
    await page.getByRole("textbox", { name: "Order id" }).fill(order);
    await page.getByRole("button", { name: "Find" }).click();
    await row("mail", order)
      .getByRole("link", { name: /^mail of / })
      .click();
    await page.getByText("li@shop.example").waitFor();
    await page.locator("pre", { hasText: order }).waitFor();
    const frame = page.locator("iframe");
    expect(await frame.getAttribute("sandbox")).toBe("");
    await page.frameLocator("iframe").getByText(order).waitFor();
    await picture("sent-mail");
    expect(await page.getByRole("button", { name: "Send again" }).isEnabled()).toBe(false);
    await page.getByRole("link", { name: "Time line of its order" }).click();
    await page.getByRole("region", { name: "Time line" }).getByText("send mail").waitFor();
  });

  test("the HTML of a mail is a document that may run and load nothing", async () => {
    const { items } = (await send("GET", `${base}/api/sent?kind=mail`)).body;
    const { headers, body } = await send("GET", `${base}/api/sent/${items[0].id}/html`);
    expect(headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none'; style-src/);
    expect(body).toContain("<!doctype html>");
    expect((await send("GET", `${base}/api/sent/1/html`)).status).toBe(404);
    expect((await send("POST", `${base}/api/sent`, { id: items[0].id })).status).toBe(403);
  });

  test("the page of the mail catcher shows subjects on a phone, too", async () => {
    const { mail_url } = (await send("GET", `${base}/api/session`)).body;
    const phone = await browser.newPage({ viewport: { width: 390, height: 800 }, isMobile: true });
    await phone.goto(mail_url);
    const subject = await phone.getByRole("link", { name: "Order placed" }).boundingBox();
    expect((subject?.x ?? 390) + (subject?.width ?? 0)).toBeLessThan(390);
    expect(await phone.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await phone.close();
  });

  test("a webhook that refuses shows what it answered, and gets the message again when that is asked for", async () => {
    const seller = shop(system, SELLER);
    const hook = { url: hookUrl, events: ["order.created"] };
    const created = await seller.call(
      "POST",
      `${system.urls.notifications}/api/notifications/webhooks/`,
      hook,
    );
    expect(created.status).toBe(201);
    await open("?kind=webhook");
    const order = (await shop(system).order({ customer_name: "A", total_amount: 1, seller_id: SELLER })).body
      .id;
    await row("webhook", "failed · 500", SELLER, order).waitFor();
    await row("webhook", "failed · 500", order)
      .getByRole("link", { name: /^webhook of / })
      .first()
      .click();
    await page.getByText(hookUrl).waitFor();
    const attempts = page.getByRole("region", { name: "Attempts" });
    await attempts.getByText("the disk is full").first().waitFor();
    Object.assign(answer, { status: 200, body: "thank you" });
    await page.getByRole("button", { name: "Send again" }).click();
    await page.getByText("1 will be sent again in a moment.").waitFor();
    await attempts.getByText("thank you").waitFor();
    await picture("sent-webhook");
    await open("?kind=webhook&outcome=accepted");
    await row("accepted · 200", order).waitFor();
    expect(await row("failed").count()).toBe(0);
  });

  test("a push to a live connection is shown with its notification", async () => {
    const user = randomUUID();
    const client = new LiveClient({ url: () => system.urls.notifications, user });
    try {
      await until("the connection is open", async () => client.ready);
      const customer = shop(system, user);
      await open(`?user=${user}`);
      const asked = { title: "Hello", content: "To you.", channels: ["in_app", "push"] };
      await customer.call("POST", `${system.urls.notifications}/api/notifications/`, asked);
      await row("live push", "accepted", user)
        .getByRole("link", { name: /^live push of / })
        .click();
      await page.getByText("message (system)").waitFor();
      await page.getByText("in_app: delivered, push: delivered").waitFor();
      await picture("sent-push");
    } finally {
      client.close();
    }
  });
});

test("the panel had no error of its own", () => {
  expect(complaints).toEqual([]);
});
