// Promotion by mail over the real system: asked for, sent, and unsubscribed from as a mail program does it.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createTokens } from "../../../lib/auth/tokens.ts";
import { until } from "../../support/poll.ts";
import { send } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

const SECRET_KEY = "the secret key of this journey alone, which is long enough";

let system: System;

beforeAll(async () => {
  system = await startSystem({ env: { SECRET_KEY, MAIL_LINK_BASE_URL: "https://shop.example" } });
});

afterAll(() => system?.cleanUp());

test("promotion reaches who asked for it, in their language, until one POST to its link without a log-in", async () => {
  const tokens = createTokens({ SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" });
  const token = await tokens.mintUser({ sub: "li", email: "li@shop.example" }, 600);
  const headers = { authorization: `Bearer ${token}` };
  const api = `${system.urls.notifications}/api/notifications`;
  const wished = { locale: "zh-CN", events: { promotion: { email: true } } };
  expect((await send("PUT", `${api}/preferences/`, wished, headers)).status).toBe(200);

  const promote = (title: string) =>
    send("POST", `${api}/`, { type: "promotion", title, content: "-50%", channels: ["email"] }, headers);
  const titles = async (): Promise<readonly { subject: string; text: string }[]> =>
    (await send("GET", `${system.mailUrl}/api/messages`)).body.items;
  expect((await promote("first")).status).toBe(201);
  const mail = await until("the mail arrives", async () =>
    (await titles()).find(({ subject }) => subject === "first"),
  );
  expect(mail.text).toContain("退订推广邮件");

  const link = /https:\/\/shop\.example\/\S+/.exec(mail.text)?.[0] ?? "";
  const { pathname, search } = new URL(link);
  const url = `${system.urls.notifications}${pathname}${search}`;
  const mailWanted = async () =>
    (await send("GET", `${api}/preferences/`, undefined, headers)).body.events.promotion.email;
  const page = await fetch(url);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<html lang="zh-CN"')]);
  expect(await mailWanted()).toBe(true);
  const oneClick = () => ({ method: "POST", body: new URLSearchParams("List-Unsubscribe=One-Click") });
  const forged = url.replace("token=", `token=${Buffer.from("ann").toString("base64url")}`);
  for (const altered of [forged, `${url}x`, url.slice(0, -1), url.replace(/token=.*/, "token=")])
    expect((await fetch(altered, oneClick())).status).toBe(404);
  expect(await mailWanted()).toBe(true);
  const done = await fetch(url, oneClick());
  expect(done.status).toBe(200);
  expect(await mailWanted()).toBe(false);

  expect((await promote("second")).body.channels).toMatchObject({ in_app: "delivered" });
  await until("the second is dropped", async () => {
    const { body } = await send("GET", `${api}/`, undefined, headers);
    return body.items.some(
      (item: { title: string; channels: object }) => item.title === "second" && !("email" in item.channels),
    );
  });
  expect((await titles()).map(({ subject }) => subject)).not.toContain("second");
});
