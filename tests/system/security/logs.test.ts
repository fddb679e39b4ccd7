// What must never be in a log: keys, tokens, signatures, addresses, what people write to each other.

import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { handler as notificationsRelay } from "../../../functions/notifications/handlers/relay.ts";
import { deriveKey } from "../../../lib/auth/keys.ts";
import { serviceLog, setLogSink } from "../../../lib/observability/log.ts";
import { as, asService, FORGED, newPeople } from "../../support/access/callers.ts";
import { SANDBOX_SECRET, SECRET_KEY, startInProcess } from "../../support/in-process.ts";
import { until } from "../../support/poll.ts";
import { orderIn, providerCallback, send, sendCallback, shop } from "../../support/shop.ts";
import type { SystemUnderTest } from "../../support/system-under-test.ts";

const EMAIL = "anna.secret@example.com";
const SMTP_PASSWORD = "hunter2-of-smtp";
const DB_PASSWORD = "hunter2-of-the-database";
const CONTENT = "the words of a private message";
const PHONE = "+86 138 0013 8000";
const STREET = "7 Secret Lane";

const pair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
const [ours, theirs] = [pair(), pair()];
const API_V3_KEY = "the-api-v3-key-of-32-characters-";

/** Real providers behind gateways where nobody listens: each call fails, and says so. */
const PROVIDERS = {
  PAYMENT_CALLBACK_BASE_URL: "https://shop.example",
  ALIPAY_APP_ID: "2021000000000000",
  ALIPAY_PRIVATE_KEY: ours.privateKey,
  ALIPAY_PUBLIC_KEY: theirs.publicKey,
  ALIPAY_GATEWAY: "http://127.0.0.1:1/gateway.do",
  ALIPAY_CHECKOUT: "qr",
  WECHAT_PAY_MCH_ID: "1900000001",
  WECHAT_PAY_APP_ID: "wx0000000000000001",
  WECHAT_PAY_SERIAL_NO: "5157F09EFDC096DE15EBE81A47057A72",
  WECHAT_PAY_PRIVATE_KEY: ours.privateKey,
  WECHAT_PAY_PUBLIC_KEY: theirs.publicKey,
  WECHAT_PAY_PUBLIC_KEY_ID: "PUB_KEY_ID_0000000000000000000001",
  WECHAT_PAY_API_V3_KEY: API_V3_KEY,
  WECHAT_PAY_GATEWAY: "http://127.0.0.1:1",
};
/** The second line of a PEM: enough to know the key by. */
const lineOf = (pem: string): string => pem.split("\n")[1] ?? "";

const lines: string[] = [];
let world: SystemUnderTest;

beforeAll(async () => {
  setLogSink((_service, line) => lines.push(line));
  world = await startInProcess({
    LOG_LEVEL: "trace",
    DB_USER: "operator",
    DB_PASSWORD,
    // Nobody listens there: every mail fails, and says so.
    SMTP_URL: `smtp://mailer:${SMTP_PASSWORD}@127.0.0.1:1`,
    ...PROVIDERS,
  });
});
afterAll(() => world.cleanUp());

test("nothing secret is logged by any route, for sound requests, refused ones and broken ones, at any level", async () => {
  const people = newPeople();
  const credentials = { ...(await as(people.buyer, { email: EMAIL })) };
  const buyer = shop(world, people.buyer, credentials);
  const secrets: Record<string, string> = {
    "the secret key": SECRET_KEY,
    "the sandbox secret": SANDBOX_SECRET,
    "the SMTP password": SMTP_PASSWORD,
    "the database password": DB_PASSWORD,
    "the merchant's private key": lineOf(ours.privateKey),
    "the API v3 key": API_V3_KEY,
    "an e-mail address": EMAIL,
    "what a message says": CONTENT,
    "a phone number": PHONE,
    "a street": STREET,
    "the buyer's token": tokenOf(credentials),
    "a peer's token": tokenOf(await asService("PaymentService", "OrderService")),
  };
  for (const purpose of ["user-token", "service-token", "cursor", "sandbox"] as const) {
    const key = Buffer.from(deriveKey(SECRET_KEY, purpose));
    secrets[`the ${purpose} key in hex`] = key.toString("hex");
    secrets[`the ${purpose} key in base64`] = key.toString("base64").slice(0, 40);
  }

  // A whole story.
  const { body: order } = await buyer.order({
    customer_name: "张三",
    total_amount: 100,
    seller_id: people.seller,
    shipping: { name: "Anna", phone: PHONE, address: STREET },
  });
  const { body: payment } = await buyer.pay(order.id);
  const callback = providerCallback(SANDBOX_SECRET, payment);
  secrets["a callback's signature"] = callback.headers["sandbox-signature"]?.split("v1=")[1] ?? "missing";
  await sendCallback(world, callback);
  await orderIn(buyer, order.id, "paid");
  const message = { title: "private", content: CONTENT, channels: ["in_app", "email"] };
  await buyer.call("POST", `${world.urls.notifications}/api/notifications/`, message);
  await until("a mail has failed", async () => {
    await notificationsRelay({ sweep: true });
    return lines.some((line) => line.includes("The mail was not accepted"));
  });

  // Payments whose providers can't be reached, and callbacks that are not theirs.
  const unpaid = (await buyer.order()).body;
  for (const method of ["alipay", "wechat_pay"]) {
    const pay = await buyer.call("POST", `${world.urls.payments}/api/payments/`, {
      order_id: unpaid.id,
      method,
    });
    expect([method, pay.status]).toEqual([method, 503]);
    const callbackUrl = `${world.urls.payments}/api/payments/callback/${method}/`;
    await send("POST", callbackUrl, `sign=${SANDBOX_SECRET}&out_trade_no=1`, {
      "content-type": "application/x-www-form-urlencoded",
      "wechatpay-signature": SANDBOX_SECRET,
    });
  }

  // Refused, malformed and forged requests that carry the same.
  const bad = `${world.urls.orders}/api/orders/`;
  await send("POST", bad, `{"phone":"${PHONE}`, credentials);
  await send("POST", bad, { customer_name: 7, remark: CONTENT, password: SMTP_PASSWORD }, credentials);
  await send("GET", `${bad}?cursor=${tokenOf(credentials)}`, undefined, credentials);
  await send("POST", `${world.urls.payments}/api/payments/callback/sandbox/`, callback.body, {
    "sandbox-signature": `t=1,v1=${"ab".repeat(32)}`,
  });
  for (const [name, forge] of Object.entries(FORGED)) {
    const forged = await forge(people, "OrderService");
    secrets[name] = tokenOf(forged);
    await send("GET", `${bad}${order.id}/`, undefined, forged);
    await send("GET", `${world.urls.orders}/internal/orders/${order.id}/`, undefined, forged);
  }

  const logged = lines.join("");
  // The logs are not empty: each request has its line, and the story is in them.
  expect(lines.length).toBeGreaterThan(25);
  expect(logged).toContain(order.id);
  for (const [what, secret] of Object.entries(secrets)) {
    expect(secret.length).toBeGreaterThan(5);
    expect([what, logged.includes(secret)]).toEqual([what, false]);
  }
});

test("what a careless line would give away is blotted out by name", () => {
  const before = lines.length;
  serviceLog("OrderService").info({ token: "t0k3n", headers: { authorization: "Bearer t0k3n" } }, "careless");
  serviceLog("OrderService").info(
    { SECRET_KEY: 1, config: { password: "t0k3n", secret: "t0k3n" } },
    "careless",
  );
  const careless = lines.slice(before).join("");
  expect(careless).toContain("[redacted]");
  expect(careless).not.toContain("t0k3n");
});

const tokenOf = ({ authorization = "" }: Readonly<Record<string, string>>): string =>
  authorization.replace(/^\w+ /, "");
