import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { setLogSink } from "../../lib/observability/log.ts";
import { ending, inSpan } from "../../lib/observability/span.ts";
import { forgetSpans, recordSpans, testSpan } from "../../lib/observability/test-spans.ts";
import { MailFailure } from "./channels/email.ts";
import { handle as sendNotification } from "./handlers/send-notification.ts";
import { sentMessages } from "./sent-messages.ts";
import { scope, testWorld, user, type World } from "./test-world.ts";
import { happened, registered, relayed, waiting } from "./webhooks/test-webhooks.ts";

beforeEach(() => setLogSink(() => {}));
afterEach(() => {
  globalThis.cfmpOrderLogSink = undefined;
  forgetSpans();
});

/** The control room's view of the world's notifications and webhooks. */
const seen = ({ service: { ports }, webhooks, clock }: World) =>
  sentMessages({
    table: (name) => (name === "deliveries" ? webhooks.table : ports.table),
    keepDays: 0,
    records: webhooks.records,
    log: webhooks.log,
    now: () => clock.time,
  });

/** What is said of everything that goes out by `work`. */
async function saidBy(work: () => Promise<unknown>): Promise<readonly object[]> {
  const spans = recordSpans();
  const span = testSpan({ service: "NotificationService", name: "test", kind: "internal" });
  await inSpan(span, () => ending(span, work));
  return spans
    .map(({ attributes }) => attributes)
    .filter((attributes) => "cfmp.sent.kind" in attributes)
    .map((attributes) =>
      Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)),
    );
}

const li = user("li", { email: "li@shop.example" });
const message = {
  type: "system" as const,
  title: "Hello",
  content: "To you",
  channels: ["in_app" as const, "email" as const],
};

async function mailed(world: World): Promise<string> {
  const { body } = await sendNotification(world.service, {
    body: message,
    user: li,
    scope,
    idempotencyKey: undefined,
  });
  return body.id;
}

describe("a message to a webhook", () => {
  test("is seen with its webhook, its body and its attempts, and goes out again when that is asked for", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    world.webhooks.answer = async () => ({ status: 500, reply: "the disk is full" });
    const order = await happened(world, "order.paid");
    const said = await saidBy(() => relayed(world));
    expect(said).toMatchObject([
      {
        "cfmp.sent.kind": "webhook",
        "cfmp.sent.outcome": "failed",
        "cfmp.sent.status": 500,
        "cfmp.order.id": order,
        "user.id": "sam",
        "server.address": "hooks.example",
      },
    ]);
    const messageId = world.webhooks.received[0]?.message.id ?? "";
    expect(await seen(world).webhook(id, messageId)).toMatchObject({
      owner: "sam",
      url: "https://hooks.example/sam",
      type: "order.paid",
      may_retry: true,
      failures_in_a_row: 1,
      body: expect.stringContaining(order),
      waiting: { state: "waiting", attempts: 1, error: "the webhook failed: it answered 500" },
      attempts: [{ accepted: false, status: 500, reply: "the disk is full" }],
    });
    world.webhooks.answer = async () => ({ status: 204 });
    await seen(world).retryWebhook(id, messageId);
    await world.service.webhookRelay.sweep();
    expect(await waiting(world, id)).toEqual([]);
    const after = await seen(world).webhook(id, messageId);
    expect(after).toMatchObject({ waiting: null, attempts: [{ status: 204 }, { status: 500 }] });
  });

  test("of a webhook or a message that nobody knows is not there", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    expect(await seen(world).webhook("none", "msg")).toBeUndefined();
    expect(await seen(world).webhook(id, "msg")).toBeUndefined();
    await expect(seen(world).retryWebhook("none", "msg")).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("a notification", () => {
  test("is seen with its channels, and its mail goes out again after it was parked", async () => {
    const sent: string[] = [];
    let refusal: MailFailure | undefined = new MailFailure("550", true);
    const world = testWorld({
      mailer: {
        async send({ subject }) {
          if (refusal) throw refusal;
          sent.push(subject);
        },
      },
    });
    const id = await mailed(world);
    expect(await saidBy(() => world.service.relay.relay(id))).toMatchObject([
      { "cfmp.sent.kind": "mail", "cfmp.notification.id": id, "user.id": "li" },
    ]);
    expect(await seen(world).notification(id)).toMatchObject({
      user_id: "li",
      event: "message",
      channels: { in_app: "delivered" },
      waiting: [{ what: "email", state: "parked", attempts: 1 }],
    });
    refusal = undefined;
    expect(await seen(world).retryNotification(id)).toBe(1);
    await world.service.relay.sweep();
    expect(sent).toEqual(["Hello"]);
    expect(await seen(world).notification(id)).toMatchObject({ channels: { email: "sent" }, waiting: [] });
    expect(await seen(world).retryNotification(id)).toBe(0);
  });

  test("that nobody knows is not there", async () => {
    expect(await seen(testWorld()).notification("none")).toBeUndefined();
  });
});
