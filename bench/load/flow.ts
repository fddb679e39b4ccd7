// The whole flow, as a shop would see it: create an order, pay it, the provider calls back, the order shows paid, and
// both notifications are there.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { providerCallback } from "../../tests/support/shop.ts";
import { closedLoop } from "./closed-loop.ts";
import { requester } from "./http.ts";
import type { FlowJob, Measured } from "./job.ts";
import { BARE_ORDER, orderWithLines } from "./new-orders.ts";

/** Shortest pause between polls; the first poll is immediate. */
const SHORTEST_PAUSE_MS = 2;
/** The pause before the next poll: a tenth of the time that the flow has taken so far, or the shortest pause. */
const PAUSE_SHARE = 0.1;
const FLOW_WITHIN_MS = 20_000;
const JSON_TYPE = { "content-type": "application/json" };

/** Runs flows, of the users that `job` names. */
export async function runFlows(job: FlowJob): Promise<Measured> {
  const orders = requester(job.urls.orders, job.lanes);
  const payments = requester(job.urls.payments, job.lanes);
  const notifications = requester(job.urls.notifications, job.lanes);
  const run = randomUUID().slice(0, 8);
  let looks = 0;
  let flows = 0;
  let begunFlows = 0;

  function partiesOf(lane: number): { readonly buyer: string; readonly order: object } {
    if (job.users === "known") return { buyer: `bench-${run}-${lane}`, order: BARE_ORDER };
    begunFlows += 1;
    const party = (role: string) => `bench-${role}-${run}-${begunFlows}`;
    return { buyer: party("buyer"), order: orderWithLines(party("seller")) };
  }

  async function until(what: string, begun: number, look: () => Promise<boolean>): Promise<void> {
    while (!(await look())) {
      const taken = performance.now() - begun;
      if (taken > FLOW_WITHIN_MS) throw new Error(`Not within ${FLOW_WITHIN_MS} ms: ${what}`);
      looks += 1;
      await sleep(Math.max(SHORTEST_PAUSE_MS, taken * PAUSE_SHARE));
    }
  }

  async function callBack(payment: Parameters<typeof providerCallback>[1]): Promise<void> {
    const callback = providerCallback(job.secret, payment);
    const headers = { ...callback.headers, ...JSON_TYPE };
    const path = "/api/payments/callback/sandbox/";
    await payments({ method: "POST", path, headers, body: callback.body }, 200);
  }

  async function decide({ id }: { readonly id: string }, headers: Record<string, string>): Promise<void> {
    await payments(
      {
        method: "POST",
        path: `/api/payments/${id}/simulate/`,
        headers,
        body: JSON.stringify({ outcome: "success" }),
      },
      202,
    );
  }

  async function flow(lane: number): Promise<void> {
    const start = performance.now();
    const { buyer, order: wanted } = partiesOf(lane);
    const own = { uuid: buyer };
    const sending = { ...own, ...JSON_TYPE };
    const created = await orders(
      { method: "POST", path: "/api/orders/", headers: sending, body: JSON.stringify(wanted) },
      201,
    );
    const { id } = JSON.parse(created);
    const asked = JSON.stringify({ order_id: id, method: "sandbox" });
    const begun = await payments(
      { method: "POST", path: "/api/payments/", headers: sending, body: asked },
      201,
    );
    await (job.paidBy === "provider" ? decide(JSON.parse(begun), sending) : callBack(JSON.parse(begun)));
    await until("the order is paid", start, async () => {
      const order = await orders({ method: "GET", path: `/api/orders/${id}/`, headers: own }, 200);
      return JSON.parse(order).status === "paid";
    });
    await until("both notifications are there", start, async () => {
      // One more than this flow's two: the times of an order's events go forward by a millisecond at least, so the last of the flow before
      // may be later than the first of this one.
      const list = await notifications(
        { method: "GET", path: "/api/notifications/?limit=3", headers: own },
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
