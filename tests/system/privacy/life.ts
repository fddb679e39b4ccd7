// A person who does everything that leaves traces, with texts of their own in all that they may write.

import { randomUUID } from "node:crypto";
import { until } from "../../support/poll.ts";
import { PushBrowser } from "../../support/push-browser.ts";
import { type Answer, orderIn, providerCallback, type Shop, sendCallback, shop } from "../../support/shop.ts";
import type { SystemUnderTest } from "../../support/system-under-test.ts";

export interface Life {
  readonly user: string;
  readonly person: Shop;
  readonly other: Shop;
  /** Texts that only this person has written, or that name them. */
  readonly traces: readonly string[];
  /** Of the other user in common deals: they stay. */
  readonly othersTraces: readonly string[];
  /** The person's, told of what they sell; of its address the last part names them. */
  readonly webhook: { readonly id: string };
  /** An order that the person bought from the other user, which is over. */
  readonly bought: { readonly orderId: string; readonly paymentId: string };
  /** And one that they sold to them. */
  readonly sold: { readonly orderId: string; readonly paymentId: string };
}

const LINES = [{ product_id: "p-1", name: "", unit_price: "30.00", quantity: 2 }];

/** How the money of a payment of `buyer` is taken. */
type Capture = (system: SystemUnderTest, buyer: Shop, payment: Begun) => Promise<Answer>;
type Begun = Parameters<typeof providerCallback>[1] & { readonly id: string };

const byCallback: Capture = (system, _buyer, payment) =>
  sendCallback(system, providerCallback(system.sandboxSecret, payment));

/** By the sandbox provider itself, which has it in its own records then. */
export const bySandbox: Capture = (_system, buyer, { id }) => buyer.simulate(id);

/**
 * Lives that life; when it is over nothing of it is unfinished, but for what a webhook at `receiver` has not been told yet. One of
 * another host is registered when nothing happens any more.
 */
export async function live(
  system: SystemUnderTest,
  { capture = byCallback, receiver }: { readonly capture?: Capture; readonly receiver?: string } = {},
): Promise<Life> {
  const id = randomUUID().slice(0, 8);
  const user = `idp|person-${id}:x.y@z`;
  const traces: string[] = [`person-${id}`];
  const mine = (what: string) => {
    traces.push(`${what}-of-${id}`);
    return `${what}-of-${id}`;
  };
  const email = `${mine("address")}@people.example`;
  const scope = "sell notify";
  const person = shop(system, user, await system.credentials({ sub: user, email, scope }));
  const otherId = `other-${id}`;
  const othersAddress = `other-address-${id}@people.example`;
  const other = shop(
    system,
    otherId,
    await system.credentials({ sub: otherId, email: othersAddress, scope: "sell" }),
  );
  const order = (text: (what: string) => string, seller: string) => ({
    customer_name: text("name"),
    seller_id: seller,
    items: LINES.map((line) => ({ ...line, name: text("goods") })),
    shipping: { name: text("receiver"), phone: text("phone"), address: text("street"), postal_code: "12345" },
    remark: text("remark"),
  });
  const others: string[] = [];
  const theirs = (what: string) => {
    others.push(`others-${what}-${id}`);
    return `others-${what}-${id}`;
  };

  const notifications = `${system.urls.notifications}/api/notifications`;
  const hook = mine("hook");
  const webhookAt = async (host: string): Promise<{ id: string }> => {
    const body = { url: `${host}/${hook}`, events: ["order.created", "order.paid"] };
    return (await mustBe(201, person.call("POST", `${notifications}/webhooks/`, body))).body;
  };
  const told = receiver === undefined ? undefined : await webhookAt(receiver);

  const bought = await deal(
    system,
    capture,
    person,
    other,
    order(mine, otherId),
    "30.00",
    `refund-given-${id}`,
  );
  const sold = await deal(system, capture, other, person, order(theirs, user), "10.00", mine("refund"));
  // Ways in which an order ends, and leaves other places.
  const cancelled = await created(person, order(mine, otherId));
  await person.call("POST", `${system.urls.orders}/api/orders/${cancelled}/cancel/`, { reason: mine("why") });
  const deleted = await created(person, order(mine, otherId));
  await person.deleteOrder(deleted);
  const edited = await created(person, order(mine, otherId));
  await person.editOrder(edited, { remark: mine("edited") });
  const begun = (await person.pay(edited)).body;
  await person.call("POST", `${system.urls.payments}/api/payments/${begun.id}/cancel/`, {
    reason: mine("not-this-way"),
  });
  await person.cancelOrder(edited);

  const message = {
    title: mine("title"),
    content: mine("content"),
    type: "system",
    related_id: mine("related"),
  };
  await mustBe(201, person.call("POST", `${notifications}/`, message));
  const { body: second } = await mustBe(
    201,
    person.call("POST", `${notifications}/`, { title: mine("title2"), content: "x", type: "promotion" }),
  );
  await mustBe(204, person.call("DELETE", `${notifications}/${second.id}/`));
  await person.call("POST", `${notifications}/read-all/`, {});
  const chosen = { locale: "zh-CN", events: { message: { email: false } } };
  await mustBe(200, person.call("PUT", `${notifications}/preferences/`, chosen));
  const browser = new PushBrowser(`https://push.example/${mine("endpoint")}`);
  traces.push(browser.toJSON().keys.auth, browser.toJSON().keys.p256dh);
  await mustBe(201, person.call("POST", `${notifications}/subscriptions/`, browser.toJSON()));
  const webhook = told ?? (await webhookAt("https://hooks.example"));

  return { user, person, other, traces, othersTraces: [...others, otherId], webhook, bought, sold };
}

async function created(buyer: Shop, body: object): Promise<string> {
  return (await mustBe(201, buyer.order(body))).body.id;
}

/** An order that is paid, refunded in part by its seller, and completed. */
async function deal(
  system: SystemUnderTest,
  capture: Capture,
  buyer: Shop,
  seller: Shop,
  body: object,
  refund: string,
  reason: string,
): Promise<Life["bought"]> {
  const orderId = await created(buyer, body);
  const { body: payment } = await mustBe(201, buyer.pay(orderId, { "idempotency-key": randomUUID() }));
  await capture(system, buyer, payment);
  await orderIn(buyer, orderId, "paid");
  await mustBe(201, seller.refund(payment.id, { amount: refund, reason }));
  await until("the refund is done", async () => {
    const { body: now } = await buyer.readPayment(payment.id);
    return now.status === "partially_refunded";
  });
  await mustBe(200, buyer.completeOrder(orderId));
  return { orderId, paymentId: payment.id };
}

async function mustBe(status: number, asked: ReturnType<Shop["call"]>) {
  const answer = await asked;
  if (answer.status !== status) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}
