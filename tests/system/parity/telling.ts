// Notifications: each party learns what happened, once, by the ways there are.

import { randomUUID } from "node:crypto";
import { expect } from "@jest/globals";
import { until } from "../../support/poll.ts";
import { eventCounts, providerCallback, type Shop, sendCallback } from "../../support/shop.ts";
import { type Journeys, provider, type Target, visitor } from "./target.ts";

const api = ({ urls }: Target) => `${urls.notifications}/api/notifications`;

const unread = async (target: Target, user: Shop): Promise<number> =>
  (await user.call("GET", `${api(target)}/unread-count/`)).body.count;

export const telling: Journeys = {
  "A seller is notified of an order and its payment, and sees the order as its buyer does": async (
    target,
  ) => {
    const [seller, buyer] = [await visitor(target, { scope: "sell" }), await visitor(target)];
    const body = { customer_name: "王五", total_amount: 5, seller_id: seller.user };
    const order = (await buyer.order(body)).body;
    const payment = (await buyer.pay(order.id)).body;
    await sendCallback(provider(target), providerCallback(target.sandboxSecret, payment));
    await until("both were notified of both", async () => {
      const all = await Promise.all([eventCounts(buyer, order.id), eventCounts(seller, order.id)]);
      return all.every((counts) => counts["order.created"] === 1 && counts["order.paid"] === 1);
    });
    expect((await seller.readOrder(order.id)).status).toBe(200);
    expect((await seller.orders("?role=seller")).body.items).toMatchObject([{ id: order.id }]);
  },

  "A user's messages are counted, read and deleted": async (target) => {
    const user = await visitor(target);
    const send = (title: string) => user.call("POST", `${api(target)}/`, { title, content: "c" });
    const sent = [await send("one"), await send("two"), await send("three")];
    expect(sent.map(({ status }) => status)).toEqual([201, 201, 201]);
    const [one, two] = sent.map(({ body }) => body.id);
    await until("three are unread", async () => (await unread(target, user)) === 3);
    expect((await user.call("POST", `${api(target)}/${one}/read/`, {})).body.read).toBe(true);
    expect((await user.call("DELETE", `${api(target)}/${two}/`)).status).toBe(204);
    await until("one is unread", async () => (await unread(target, user)) === 1);
    expect((await user.call("POST", `${api(target)}/read-all/`, {})).status).toBe(200);
    await until("none is unread", async () => (await unread(target, user)) === 0);
    expect((await user.notifications()).map(({ id }) => id)).not.toContain(two);
  },

  "The feed has each notification once, in the order of its positions": async (target) => {
    const user = await visitor(target);
    const titles = ["one", "two", "three"];
    const feed = async (since = "") => (await user.call("GET", `${api(target)}/feed/${since}`)).body;
    // Positions begin with the first who asks for them.
    const { position } = await feed();
    for (const title of titles) await user.call("POST", `${api(target)}/`, { title, content: "c" });
    const items = await until("all are in the feed", async () => {
      const page = await feed(`?since=${position}`);
      return page.items.length === titles.length && page.items;
    });
    expect(items.map(({ position }: { position: number }) => position)).toEqual([1, 2, 3]);
    const told = items.map(({ notification }: { notification: { title: string } }) => notification.title);
    expect(told).toEqual(titles);
  },

  "Mail about an order goes to the address in its buyer's token, in their language": async (target) => {
    const [email, other] = [`${randomUUID()}@shop.example`, `${randomUUID()}@shop.example`];
    const buyer = await visitor(target, { email });
    const wished = await buyer.call("PUT", `${api(target)}/preferences/`, { locale: "zh-CN" });
    expect(wished.status).toBe(200);
    await buyer.order();
    const mails = await until("the mail arrives", async () => {
      const got = await target.mailsTo(email);
      return got.length > 0 && got;
    });
    expect(mails).toEqual([expect.stringContaining("299.99")]);
    expect(mails[0]).toMatch(/订单/);
    expect(await target.mailsTo(other)).toEqual([]);
  },
};
