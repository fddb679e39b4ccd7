// The whole flow, as a shop would see it: create an order, pay it, the provider calls back, the order shows paid, and
// both notifications are there.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { providerCallback } from "../../tests/support/shop.ts";
import { closedLoop } from "./closed-loop.ts";
import { requester } from "./http.ts";
import type { FlowJob, Measured } from "./job.ts";

/** Pauses between looks at what has not come true yet: the first look is at once, the second 2 ms later, then doubled. */
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 64;
const FLOW_WITHIN_MS = 20_000;
const ORDER = JSON.stringify({ customer_name: "张三", total_amount: 299.99, status: "pending" });
const JSON_TYPE = { "content-type": "application/json" };

/** Runs flows, each lane as a user of its own. */
export async function runFlows(job: FlowJob): Promise<Measured> {
  const orders = requester(job.urls.orders, job.lanes);
  const payments = requester(job.urls.payments, job.lanes);
  const notifications = requester(job.urls.notifications, job.lanes);
  const run = randomUUID().slice(0, 8);
  let looks = 0;
  let flows = 0;

  async function until(what: string, look: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + FLOW_WITHIN_MS;
    for (let pause = FIRST_PAUSE_MS; !(await look()); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      if (performance.now() > end) throw new Error(`Not within ${FLOW_WITHIN_MS} ms: ${what}`);
      looks += 1;
      await sleep(pause);
    }
  }

  async function flow(lane: number): Promise<void> {
    const uuid = `bench-${run}-${lane}`;
    const own = { uuid };
    const sending = { ...own, ...JSON_TYPE };
    const created = await orders(
      { method: "POST", path: "/api/orders/", headers: sending, body: ORDER },
      201,
    );
    const { id } = JSON.parse(created);
    const asked = JSON.stringify({ order_id: id, method: "sandbox" });
    const begun = await payments(
      { method: "POST", path: "/api/payments/", headers: sending, body: asked },
      201,
    );
    const callback = providerCallback(job.secret, JSON.parse(begun));
    const headers = { ...callback.headers, ...JSON_TYPE };
    const path = "/api/payments/callback/sandbox/";
    await payments({ method: "POST", path, headers, body: callback.body }, 200);
    await until("the order is paid", async () => {
      const order = await orders({ method: "GET", path: `/api/orders/${id}/`, headers: own }, 200);
      return JSON.parse(order).status === "paid";
    });
    await until("both notifications are there", async () => {
      const list = await notifications(
        { method: "GET", path: "/api/notifications/?limit=2", headers: own },
        200,
      );
      const items: readonly { event: string; related_id: string }[] = JSON.parse(list).items;
      const told = (event: string) => items.some((item) => item.related_id === id && item.event === event);
      return told("order.created") && told("order.paid");
    });
    flows += 1;
  }

  const measured = await closedLoop(job, flow);
  return { ...measured, extraPolls: looks / flows };
}
