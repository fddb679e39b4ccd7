// Who may do what, what is refused in which way, and whether the services find each other.

import { randomUUID } from "node:crypto";
import { expect } from "@jest/globals";
import { until } from "../../support/poll.ts";
import { type Headers, SERVICE_KEYS, SERVICE_NAMES } from "../../support/shop.ts";
import { ask, type Journeys, visitor } from "./target.ts";

const problem = (status: number, code: string) => ({
  status,
  headers: { "content-type": "application/problem+json" },
  body: { status, code },
});

export const access: Journeys = {
  "Orders, payments and notifications of others are not there": async (target) => {
    const [buyer, stranger] = [await visitor(target), await visitor(target)];
    const order = (await buyer.order()).body;
    const payment = (await buyer.pay(order.id)).body;
    const [told] = await until("the buyer is notified", async () => {
      const all = await buyer.notifications();
      return all.length > 0 && all;
    });
    const path = `${target.urls.notifications}/api/notifications/${told?.id}/`;
    const missing = problem(404, "not_found");
    expect(await stranger.readOrder(order.id)).toMatchObject(missing);
    expect(await stranger.cancelOrder(order.id)).toMatchObject(missing);
    expect(await stranger.pay(order.id)).toMatchObject(missing);
    expect(await stranger.readPayment(payment.id)).toMatchObject(missing);
    expect(await stranger.refund(payment.id)).toMatchObject(missing);
    expect(await stranger.call("GET", path)).toMatchObject(missing);
    expect((await buyer.call("GET", path)).status).toBe(200);
    expect((await stranger.orders()).body.items).toEqual([]);
  },

  "Who has a forged token is refused": async (target) => {
    const attempts: readonly Headers[] = [
      { authorization: "Bearer x.y.z" },
      {
        authorization: (await target.credentials({ sub: randomUUID() }))["authorization"]?.slice(0, -8) ?? "",
      },
    ];
    for (const base of Object.entries(target.urls))
      for (const headers of attempts) {
        const [key, url] = base;
        const reply = await ask("GET", `${url}/api/${key}/`, undefined, headers);
        expect(reply).toMatchObject({
          status: 401,
          headers: { "content-type": "application/problem+json" },
        });
      }
  },

  "What can't be understood is refused with the name of the field, and changes nothing": async (target) => {
    const buyer = await visitor(target);
    const wrong = [
      { customer_name: "x", total_amount: -1 },
      { customer_name: "x", total_amount: "1.001" },
      { customer_name: 7, total_amount: 1 },
      {},
    ];
    for (const body of wrong) {
      const reply = await buyer.order(body);
      expect(reply).toMatchObject(problem(422, "body_invalid"));
      expect(reply.body.errors.length).toBeGreaterThan(0);
    }
    const url = `${target.urls.orders}/api/orders/`;
    expect((await buyer.call("POST", url, "{", { "content-type": "application/json" })).status).toBe(400);
    expect((await buyer.orders("?limit=0")).status).toBe(422);
    expect((await buyer.orders()).body.items).toEqual([]);
  },

  "A path or method that no route takes is refused as a problem": async (target) => {
    const { orders, notifications } = target.urls;
    expect(await ask("GET", `${orders}/api/orders/1/2/3`)).toMatchObject(problem(404, "route_unknown"));
    expect(await ask("DELETE", `${orders}/api/orders/`)).toMatchObject({
      ...problem(405, "method_not_allowed"),
      headers: { allow: expect.stringContaining("POST") },
    });
    const put = await ask("PUT", `${notifications}/api/notifications/`);
    expect(put).toMatchObject(problem(405, "method_not_allowed"));
  },

  "Each service is healthy, and OrderService can reach the others": async (target) => {
    for (const key of SERVICE_KEYS) {
      // Its parts are asked for half a second, which on a busy machine may not be enough at first.
      const { body } = await until(`${key} is healthy`, async () => {
        const reply = await ask("GET", `${target.pages[key]}/health/`);
        return reply.body.status === "ok" && reply;
      });
      expect(body.service).toBe(SERVICE_NAMES[key]);
    }
    const user = await visitor(target);
    for (const name of ["payment", "notification"]) {
      const found = `${target.urls.orders}/api/orders/discover/${name}/`;
      await until(`${name} is found`, async () => (await user.call("GET", found)).body.available === true);
    }
  },

  "Each service has its documentation, with the viewer": async (target) => {
    for (const key of SERVICE_KEYS) {
      const page = (path: string) => ask("GET", `${target.pages[key]}/${path}`);
      const document = await page("openapi.json");
      expect(document).toMatchObject({ status: 200, body: { openapi: expect.stringMatching(/^3\.1\./) } });
      expect((await page("docs/")).status).toBe(200);
      const viewer = await page("docs/swagger-ui-bundle.js");
      expect([viewer.status, viewer.body.length > 500_000]).toEqual([200, true]);
    }
  },
};
