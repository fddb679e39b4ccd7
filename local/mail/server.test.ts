import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import nodemailer, { type SendMailOptions } from "nodemailer";
import type { Mail } from "./mailbox.ts";
import { type MailCatcher, startMailCatcher } from "./server.ts";

const host = "127.0.0.1";
let root: string;
let dataDir: string;
let catcher: MailCatcher;
const start = () => startMailCatcher({ host, smtpPort: 0, pagePort: 0, dataDir, log: () => {} });
const url = (path: string) => `http://${host}:${catcher.pagePort}${path}`;
interface List {
  readonly count: number;
  readonly items: readonly [Mail, ...Mail[]];
}
async function list(query = ""): Promise<List> {
  const body: List = JSON.parse(await page(`/api/messages${query}`));
  return body;
}
const page = async (path: string) => (await fetch(url(path))).text();

async function send(mail: SendMailOptions) {
  const transport = nodemailer.createTransport({ host, port: catcher.smtpPort, secure: false });
  try {
    return await transport.sendMail({ from: "Shop <shop@example.com>", to: "ann@example.com", ...mail });
  } finally {
    transport.close();
  }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "mail-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  dataDir = await mkdtemp(join(root, "data-"));
  catcher = await start();
});
afterEach(() => catcher.close());

describe("a mail that was sent", () => {
  test("is shown without what would make it read otherwise than it is written", async () => {
    await send({ subject: "pay\u202e001", text: "1\u009b2J\u2066" });
    const [mail] = (await list()).items;
    expect(mail).toMatchObject({ subject: "pay\uFFFD001", text: expect.stringContaining("1\uFFFD2J\uFFFD") });
    for (const path of ["/", `/messages/${mail.id}`]) {
      expect(await page(path)).toContain("pay\uFFFD001");
      expect(await page(path)).not.toMatch(/[\u0080-\u009f\u202a-\u202e\u2066-\u2069]/);
    }
  });

  test("can be read back, and looked up by its id", async () => {
    await send({ subject: "订单已支付", text: "Thank you", messageId: "<paid.1@example.com>" });
    const { count, items } = await list();
    expect(count).toBe(1);
    expect(items[0]).toMatchObject({
      message_id: "<paid.1@example.com>",
      from: expect.stringContaining("shop@example.com"),
      to: "ann@example.com",
      subject: "订单已支付",
      text: expect.stringContaining("Thank you"),
      date: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(JSON.parse(await page(`/api/messages/${items[0].id}`))).toEqual({ ...items[0], html: null });
  });

  test("has its HTML where one is opened, after a restart too", async () => {
    await send({ text: "Thank you", html: "<h1>Thank you</h1>" });
    await catcher.close();
    catcher = await start();
    const [{ id, ...listed }] = (await list()).items;
    expect(listed).not.toHaveProperty("html");
    const opened: Mail = JSON.parse(await page(`/api/messages/${id}`));
    expect([opened.text.trim(), opened.html?.trim()]).toEqual(["Thank you", "<h1>Thank you</h1>"]);
  });

  test("is listed before older ones", async () => {
    for (const subject of ["one", "two", "three"]) await send({ subject });
    const { items } = await list();
    expect(items.map((mail) => mail.subject)).toEqual(["three", "two", "one"]);
  });

  test("again is kept again, and both are counted by their Message-ID", async () => {
    for (const id of ["<a@example.com>", "<b@example.com>", "<a@example.com>"]) await send({ messageId: id });
    expect((await list("?message_id=%3Ca@example.com%3E")).count).toBe(2);
    expect((await list("?message_id=b@example.com")).count).toBe(1);
    expect((await list("?message_id=c@example.com")).count).toBe(0);
  });

  test("is still there after a restart", async () => {
    await send({ subject: "kept" });
    const before = await list();
    await catcher.close();
    catcher = await start();
    expect(await list()).toEqual(before);
  });

  test("of more than 1 MiB is refused", async () => {
    await expect(send({ text: "x".repeat(1024 * 1024 + 1) })).rejects.toMatchObject({ responseCode: 552 });
    expect((await list()).count).toBe(0);
  });

  test("is refused for now while there is no place to keep it, and kept when it comes again", async () => {
    const mail = { subject: "kept in the end", messageId: "<once@example.com>" };
    await rm(join(dataDir, "mail"), { recursive: true });
    await writeFile(join(dataDir, "mail"), "in the way, since a full disk can't be had here");
    await expect(send(mail)).rejects.toMatchObject({ responseCode: 450 });
    await rm(join(dataDir, "mail"));
    await mkdir(join(dataDir, "mail"));
    await send(mail);
    expect((await list()).items.map(({ subject }) => subject)).toEqual(["kept in the end"]);
  });

  test("is gone after all mails are deleted", async () => {
    await send({ subject: "gone" });
    expect((await fetch(url("/api/messages"), { method: "DELETE" })).status).toBe(204);
    expect((await list()).count).toBe(0);
    expect(await readdir(join(dataDir, "mail"))).toEqual([]);
  });
});

describe("the page", () => {
  test("shows a mail's subject and text as text, whatever is in them", async () => {
    const evil = `<script>alert("x")</script>&'`;
    await send({ subject: evil, text: evil, from: `"<b>" <shop@example.com>` });
    const { items } = await list();
    for (const shown of [await page("/"), await page(`/messages/${items[0].id}`)]) {
      expect(shown).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;");
      expect(shown).not.toMatch(/<script|<b>/);
    }
  });

  test("says when there is no mail, or not this one", async () => {
    expect(await page("/")).toContain("No mail yet");
    expect((await fetch(url("/messages/nothing"))).status).toBe(404);
    expect((await fetch(url("/api/messages/..%2f..%2fetc"))).status).toBe(404);
  });
});

test("A port in use is refused with the setting to change", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, host, resolve));
  const address = other.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  try {
    const attempt = (smtpPort: number, pagePort: number) =>
      startMailCatcher({ host, smtpPort, pagePort, dataDir, log: () => {} });
    await expect(attempt(port, 0)).rejects.toMatchObject({
      code: "mail_listen_failed",
      setting: "MAIL_SMTP_PORT",
    });
    await expect(attempt(0, port)).rejects.toMatchObject({ port, setting: "MAIL_PAGE_PORT" });
  } finally {
    other.close();
  }
});
