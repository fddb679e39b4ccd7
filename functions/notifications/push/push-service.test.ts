import { setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createOutgoing } from "../../../lib/http/outgoing.ts";
import type { PushBrowser } from "../../../tests/support/push-browser.ts";
import { type PushService, startPushService } from "../../../tests/support/push-service.ts";
import { MESSAGE_BYTES } from "./push-message.ts";
import { pushServiceSender } from "./push-service.ts";
import { subscriptionOf } from "./subscription.ts";
import { derivedVapidKey } from "./vapid-keys.ts";

const NOW = Date.parse("2026-11-01T12:00:00.000Z");
const [current, before] = [derivedVapidKey("current"), derivedVapidKey("before")];
const terms = { ttl: 3_600, urgency: "high", topic: "0192f5b0000070008000000000000001" } as const;

let service: PushService;
beforeAll(async () => {
  service = await startPushService();
  setDefaultCACertificates([service.ca]);
});
beforeEach(() => {
  service.answer = () => ({ status: 201 });
});
afterAll(() => service.close());

const sender = (anywhere = true) =>
  pushServiceSender({
    outgoing: createOutgoing({ anywhere }),
    vapidKeys: () => [current, before],
    subject: "mailto:ops@shop.example",
    now: () => NOW,
  });

const subscriptionFor = (browser: PushBrowser, vapid_public_key = current.publicKey) =>
  subscriptionOf(
    { ...browser.toJSON(), vapid_public_key },
    { user: { id: "ann" }, vapidKeys: [current.publicKey, before.publicKey], anywhere: true, now: NOW },
  );

describe("A message to a push service", () => {
  test("can be read by the browser alone, and says who sends it and how it is to be treated", async () => {
    const browser = service.subscribe();
    const message = JSON.stringify({ title: "订单已付款" });
    expect(await sender().send(subscriptionFor(browser), message, terms)).toBe("accepted");
    const pushed = service.pushed.at(-1);
    expect(pushed).toMatchObject({
      browser,
      message: { title: "订单已付款" },
      ttl: "3600",
      urgency: "high",
      topic: terms.topic,
      vapid: { publicKey: current.publicKey, aud: service.origin, sub: "mailto:ops@shop.example" },
    });
    // At most a day (RFC 8292, 2), by the machine's own clock.
    expect(pushed?.vapid.exp).toBeGreaterThan(Date.now() / 1_000);
    expect(pushed?.vapid.exp).toBeLessThanOrEqual(Date.now() / 1_000 + 86_400);
    expect(() => service.subscribe().decrypt(Buffer.alloc(200))).toThrow();
  });

  test("has at most 4,096 bytes, and its length tells nothing of the text", async () => {
    const subscription = subscriptionFor(service.subscribe());
    const longest = JSON.stringify("x".repeat(MESSAGE_BYTES - 2));
    expect(await sender().send(subscription, longest, terms)).toBe("accepted");
    expect(await sender().send(subscription, '"x"', terms)).toBe("accepted");
    expect(service.pushed.slice(-2).map(({ bytes }) => bytes)).toEqual([4_096, 4_096]);
  });

  test("is signed with the key with which its browser was subscribed, also after a change of the key", async () => {
    const browser = service.subscribe();
    await sender().send(subscriptionFor(browser, before.publicKey), "{}", terms);
    expect(service.pushed.at(-1)?.vapid.publicKey).toBe(before.publicKey);
    const strange = { ...subscriptionFor(browser), vapid_key: derivedVapidKey("strange").publicKey };
    const asked = service.requests;
    expect(await sender().send(strange, "{}", terms)).toBe("unknown_key");
    expect(service.requests).toBe(asked);
  });

  test.each([404, 410])("that is answered with %d ends the subscription", async (status) => {
    service.answer = () => ({ status });
    expect(await sender().send(subscriptionFor(service.subscribe()), "{}", terms)).toBe("gone");
  });

  test.each([
    [429, "away"],
    [500, "away"],
    [502, "away"],
    [503, "away"],
    [401, "away"],
    [403, "away"],
    [400, "final"],
    [413, "final"],
    [302, "refused"],
  ])("that is answered with %d has failed: %s", async (status, kind) => {
    service.answer = () => ({ status, headers: { "retry-after": "120", location: "https://127.0.0.1/" } });
    const sent = sender().send(subscriptionFor(service.subscribe()), "{}", terms);
    await expect(sent).rejects.toMatchObject({
      kind,
      retryAfter: 120_000,
      message: `The push service 127.0.0.1 answered ${status}`,
    });
  });

  test("to nobody has failed, without a word of the endpoint", async () => {
    service.answer = () => undefined;
    const sent = sender().send(subscriptionFor(service.subscribe()), "{}", terms);
    await expect(sent).rejects.toMatchObject({
      kind: "away",
      message: "The push service 127.0.0.1 gave no reply: ECONNRESET",
    });
  });

  test("is not sent to this machine or its network outside a developer's machine", async () => {
    const asked = service.requests;
    const sent = sender(false).send(subscriptionFor(service.subscribe()), "{}", terms);
    await expect(sent).rejects.toMatchObject({ message: expect.stringContaining("address_refused") });
    expect(service.requests).toBe(asked);
  });
});
