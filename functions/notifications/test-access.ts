// Table of the access tests: which user may do what with notifications.

import { randomUUID } from "node:crypto";
import { type Access, nothing, type RowsOf, type Story } from "../../tests/support/access/access.ts";
import { as } from "../../tests/support/access/callers.ts";
import { listSeen, made, notification, params } from "../../tests/support/access/stories.ts";
import { PushBrowser } from "../../tests/support/push-browser.ts";
import { send } from "../../tests/support/shop.ts";
import type { notifications } from "./contract.ts";

const newSubscription = () => new PushBrowser(`https://push.example/${randomUUID()}`).toJSON();

/** A subscription of the buyer's. */
async function subscription({ urls, people }: Story) {
  const url = `${urls.notifications}/api/notifications/subscriptions/`;
  const credentials = await as(people.buyer);
  return made(() => send("POST", url, newSubscription(), credentials));
}

const newWebhook = { url: "https://localhost:9/hook", events: ["order.paid"] };

/** A webhook of the seller's. */
async function webhook({ urls, people }: Story) {
  const url = `${urls.notifications}/api/notifications/webhooks/`;
  const credentials = await as(people.seller, { scope: "sell" });
  return made(() => send("POST", url, newWebhook, credentials));
}

/** What only the seller may do with their webhook; the others get what a webhook that does not exist gives. */
const sellers = (status: number) => ({ buyer: 404, seller: status, stranger: 404 });

const rows: RowsOf<typeof notifications> = {
  sendNotification: { prepare: () => ({ body: { title: "t", content: "c" } }), people: 201 },
  listNotifications: { prepare: nothing, people: 200 },
  listFeed: { prepare: nothing, people: 200 },
  unreadCount: { prepare: nothing, people: 200 },
  readAll: { prepare: () => ({ body: {} }), people: 200 },
  getPreferences: { prepare: nothing, people: 200 },
  updatePreferences: { prepare: () => ({ body: { locale: "zh-CN" } }), people: 200 },
  listSubscriptions: { prepare: nothing, people: 200 },
  createSubscription: { prepare: () => ({ body: newSubscription() }), people: 201 },
  deleteSubscription: {
    prepare: async (story) => params(await subscription(story)),
    people: { buyer: 204, seller: 404, stranger: 404 },
  },
  listWebhooks: { prepare: nothing, people: 200 },
  createWebhook: {
    prepare: () => ({ body: newWebhook }),
    people: { buyer: 403, seller: 201, stranger: 201 },
    unscoped: 403,
  },
  getWebhook: { prepare: async (story) => params(await webhook(story)), people: sellers(200) },
  updateWebhook: {
    prepare: async (story) => ({ ...params(await webhook(story)), body: { ...newWebhook, enabled: false } }),
    people: sellers(200),
  },
  deleteWebhook: { prepare: async (story) => params(await webhook(story)), people: sellers(204) },
  rotateWebhookSecret: {
    prepare: async (story) => ({ ...params(await webhook(story)), body: {} }),
    people: sellers(200),
  },
  tryWebhook: {
    prepare: async (story) => ({ ...params(await webhook(story)), body: {} }),
    people: sellers(200),
  },
  listWebhookAttempts: { prepare: async (story) => params(await webhook(story)), people: sellers(200) },
  retryWebhook: {
    prepare: async (story) => ({
      ...params(await webhook(story)),
      body: { since: "2026-01-01T00:00:00.000Z" },
    }),
    people: sellers(200),
  },
  confirmUnsubscribe: { prepare: nothing, anyone: 200 },
  unsubscribe: { prepare: nothing, anyone: 404 },
  getNotification: {
    prepare: async (story) => params(await notification(story)),
    people: { buyer: 200, seller: 404, stranger: 404 },
  },
  readNotification: {
    prepare: async (story) => ({ ...params(await notification(story)), body: {} }),
    people: { buyer: 200, seller: 404, stranger: 404 },
  },
  deleteNotification: {
    prepare: async (story) => params(await notification(story)),
    people: { buyer: 204, seller: 404, stranger: 404 },
  },
  offerLive: {
    prepare: () => ({
      body: {
        connections: [],
        position: 1,
        frame: { type: "deleted", position: 1, id: randomUUID() },
      },
    }),
    service: 200,
  },
  recordEvent: {
    prepare: ({ people }) => ({
      body: {
        event_id: randomUUID(),
        event: "order.paid",
        occurred_at: new Date().toISOString(),
        related_id: randomUUID(),
        data: { total_amount: "1.00", currency: "CNY" },
        parties: [{ user_id: people.stranger, role: "buyer", email: null }],
      },
    }),
    service: 200,
  },
};

export const access: Access = {
  rows,
  /** Without notifications of events: those of the preparation may still be in delivery. */
  async seen(story: Story) {
    const notes = await listSeen(story, "notifications", "/api/notifications/");
    return notes.filter((note: { event: string }) => note.event === "message");
  },
};
