// What people do at the API, step by step, and what each of them may count on afterwards.

import { notifications } from "../../../functions/notifications/contract.ts";
import { orders } from "../../../functions/orders/contract.ts";
import { payments } from "../../../functions/payments/contract.ts";
import { paymentIdFor } from "../../../functions/payments/payment-store.ts";
import { Claims } from "./claims.ts";
import { ask, type Request } from "./client.ts";
import { orderIn, ordersSince, paymentIn } from "./replies.ts";
import { resend } from "./resend.ts";
import type { SimulatedSystem } from "./simulated-system.ts";
import type { Kind, Step } from "./steps.ts";
import { BUYERS, SELLER, type UserName } from "./terms.ts";

interface Known {
  readonly id: string;
  readonly owner: UserName;
}

const o = orders.routes;
const p = payments.routes;
const TOTALS = [100, "25.50", 8];

export class Users {
  /** The orders that their buyers know of. */
  readonly orders: Known[] = [];
  readonly claims: Claims;
  readonly #world: SimulatedSystem;
  /** What came of each Idempotency-Key of creating orders. */
  readonly #created = new Map<string, { readonly id: string; readonly sent: string }>();
  #serial = 0;

  constructor(world: SimulatedSystem) {
    this.#world = world;
    this.claims = new Claims(world);
  }

  /** Begins the user's feed, as a client does that connects. */
  async openFeed(user: UserName): Promise<void> {
    await ask(this.#world, user, "NotificationService", notifications.routes.listFeed, {});
  }

  /** Takes a step; nothing when there is no order yet for it to be about. */
  async act(step: Step): Promise<void> {
    if (step.kind === "create") return this.#create(step);
    const order = this.orders[step.order % Math.max(this.orders.length, 1)];
    if (order) await this.#deeds[step.kind]?.(order, step);
  }

  async #create({ key, n }: Pick<Step, "key" | "n">): Promise<void> {
    const owner = BUYERS[n % BUYERS.length] ?? "ann";
    const name = key === 0 ? undefined : `key-${key}`;
    const body = {
      customer_name: "张三",
      total_amount: TOTALS[n % TOTALS.length],
      ...(n % 4 === 3 ? {} : { seller_id: SELLER }),
    };
    this.claims.requested(`orders of ${owner}`, name);
    const reply = await ask(this.#world, owner, "OrderService", o.createOrder, { body, key: name });
    if (reply?.status !== 201) return;
    const { id } = orderIn(this.#world, owner, reply);
    if (!this.orders.some((known) => known.id === id)) this.orders.push({ id, owner });
    if (name === undefined) return;
    const sent = JSON.stringify(body);
    const earlier = this.#created.get(`${owner} ${name}`);
    if (earlier && (earlier.id !== id || earlier.sent !== sent))
      this.#world.broken("one winner", `${name} of ${owner} created ${earlier.id}, and then ${id}`);
    this.#created.set(`${owner} ${name}`, { id, sent });
  }

  readonly #deeds: Readonly<Partial<Record<Kind, (order: Known, step: Step) => Promise<void>>>> = {
    read: ({ id, owner }, { n }) => this.#read(id, n % 2 ? SELLER : owner, n),
    pay: (order, step) => this.#pay(order, step),
    decide: ({ id, owner }, { n }) => this.#decide(id, owner, n % 4 === 3 ? "failure" : "success"),
    cancel: ({ id, owner }, { n }) => this.#cancel(id, n % 3 === 1 ? SELLER : owner, n),
    complete: ({ id, owner }, { n }) => this.#complete(id, n % 2 ? SELLER : owner),
    refund: ({ id }, step) => this.#refund(paymentIdFor(id), step),
    delete: ({ id, owner }) => this.#remove(id, owner),
    edit: ({ id, owner }, { n }) => this.#edit(id, owner, n),
    "cancel payment": ({ id, owner }) => this.#cancelPayment(paymentIdFor(id), owner),
    spy: (order, { n }) => this.#spy(order, n),
    resend: (_, { n }) => resend(this.#world, n),
    share: (_, { n }) => this.#subscribe(n % 2 ? "ann" : "bob"),
    dismiss: ({ owner }, { n }) => this.#dismiss(n % 2 ? SELLER : owner),
  };

  async #read(id: string, user: UserName, n: number): Promise<void> {
    if (n % 3 === 0) {
      const reply = await this.#payments(user, p.getPayment, { params: { id: paymentIdFor(id) } });
      if (reply?.status === 200) paymentIn(this.#world, user, reply);
      return;
    }
    const reply = await this.#orders(user, o.getOrder, { params: { id } });
    if (reply?.status === 200) orderIn(this.#world, user, reply);
    if (reply?.status !== 404) return;
    const seen = ordersSince(this.#world, id, reply.since).every(
      (state) => state.deleted_at === null && (state.buyer_id === user || state.seller_id === user),
    );
    if (seen) this.#world.broken("durable", `${user} gets 404 for order ${id}, which exists`);
  }

  async #pay({ id, owner }: Known, { key, n }: Step): Promise<void> {
    const name = key === 0 ? undefined : `pay-${id}-${key}`;
    const payment = paymentIdFor(id);
    this.claims.requested(`attempts of ${payment}`, name);
    const body = { order_id: id, method: "sandbox", ...(n === 7 ? { amount: 0.01 } : {}) };
    const reply = await this.#payments(owner, p.createPayment, { body, key: name });
    this.claims.refusedRightly(id, reply, {
      order_not_payable: (status) => status !== "pending" || this.#isLate(id),
    });
    if (reply?.status !== 201) return;
    const { checkout } = paymentIn(this.#world, owner, reply);
    if (n === 7) this.#world.broken("money", `order ${id} may be paid with 0.01`);
    if (!reply.replayed && checkout) this.claims.won(`attempt ${checkout["reference"]}`, name);
  }

  async #decide(id: string, user: UserName, outcome: "success" | "failure"): Promise<void> {
    const params = { id: paymentIdFor(id) };
    const reply = await this.#payments(user, p.simulate, { params, body: { outcome } });
    if (reply?.status !== 202) return;
    const decided = [...this.#world.commits.charges.values()].some(
      (charge) => charge.decision?.outcome === outcome,
    );
    if (!decided) this.#world.broken("durable", `the provider's decision on ${id} is lost`);
  }

  async #cancel(id: string, user: UserName, n: number): Promise<void> {
    if (n % 6 === 5) {
      const put = await this.#orders(user, o.updateOrder, { params: { id }, body: { status: "cancelled" } });
      if (put?.status === 200) this.claims.mustSay(orderIn(this.#world, user, put).status, "cancelled");
      return;
    }
    const reply = await this.#orders(user, o.cancelOrder, { params: { id }, body: {} });
    this.claims.refusedRightly(id, reply, { order_not_cancellable: (status) => status !== "pending" });
    if (reply?.status !== 200) return;
    this.claims.mustSay(orderIn(this.#world, user, reply).status, "cancelled");
    this.claims.won(`the end of order ${id}`);
  }

  async #complete(id: string, user: UserName): Promise<void> {
    const reply = await this.#orders(user, o.completeOrder, { params: { id } });
    this.claims.refusedRightly(id, reply, { order_not_completable: (status) => status !== "paid" });
    if (reply?.status !== 200) return;
    this.claims.mustSay(orderIn(this.#world, user, reply).status, "completed");
    this.claims.won(`the end of order ${id}`);
  }

  async #remove(id: string, user: UserName): Promise<void> {
    const reply = await this.#orders(user, o.deleteOrder, { params: { id } });
    this.claims.refusedRightly(id, reply, {
      order_not_deletable: (status) => status !== "pending" && status !== "cancelled",
    });
    if (reply?.status !== 204) return;
    this.claims.won(`the deletion of order ${id}`);
    if (ordersSince(this.#world, id, reply.since).at(-1)?.deleted_at === null)
      this.#world.broken("durable", `the deletion of order ${id} is acknowledged, and not there`);
  }

  async #edit(id: string, user: UserName, n: number): Promise<void> {
    this.#serial += 1;
    const remark = `remark ${this.#serial}`;
    const body = n % 3 === 0 ? { total_amount: TOTALS[n % 2], remark } : { remark };
    const reply = await this.#orders(user, o.updateOrder, { params: { id }, body });
    this.claims.refusedRightly(id, reply, { order_not_editable: (status) => status !== "pending" });
    if (reply?.status === 200) this.claims.mustSay(orderIn(this.#world, user, reply).remark, remark);
  }

  async #cancelPayment(id: string, user: UserName): Promise<void> {
    const reply = await this.#payments(user, p.cancelPayment, { params: { id }, body: {} });
    if (reply?.status === 200) paymentIn(this.#world, user, reply);
  }

  async #refund(id: string, { key, n }: Step): Promise<void> {
    const user: UserName = n % 3 === 0 ? "ray" : SELLER;
    const amount = [undefined, undefined, "3.00", "40.00", 999_999][n % 5];
    const name = key === 0 ? undefined : `back-${key}`;
    this.claims.requested(`refunds of ${id}`, name === undefined ? undefined : `${user} ${name}`);
    const reason = `reason ${n}`;
    const body = { reason, ...(amount === undefined ? {} : { amount }) };
    const reply = await this.#payments(user, p.refundPayment, { params: { id }, body, key: name });
    if (reply?.status !== 201) return;
    const { refunds } = paymentIn(this.#world, user, reply);
    if (!refunds.some((refund) => refund.reason === reason && !refund.automatic))
      this.#world.broken("durable", `a refund of ${id} is acknowledged, and not there`);
  }

  /** Someone tries what is not theirs. */
  async #spy({ id, owner }: Known, n: number): Promise<void> {
    const user: UserName = n % 2 ? "eve" : owner === "ann" ? "bob" : "ann";
    const order = { params: { id } };
    const payment = { params: { id: paymentIdFor(id) } };
    const attempts = [
      () => this.#orders(user, o.getOrder, order),
      () => this.#orders(user, o.cancelOrder, { ...order, body: {} }),
      () => this.#orders(user, o.deleteOrder, order),
      () => this.#orders(user, o.updateOrder, { ...order, body: { remark: "mine" } }),
      () => this.#payments(user, p.createPayment, { body: { order_id: id, method: "sandbox" } }),
      () => this.#payments(user, p.getPayment, payment),
      () => this.#payments(user, p.cancelPayment, { ...payment, body: {} }),
      () => this.#payments(user, p.refundPayment, { ...payment, body: { reason: "mine" } }),
      () => this.#payments(user, p.simulate, { ...payment, body: { outcome: "success" } }),
      () => this.#orders(user, o.completeOrder, order),
      () => this.#payments(owner, p.refundPayment, { ...payment, body: { reason: "buyer" } }),
      () => this.#orders(SELLER, o.deleteOrder, order),
    ];
    const reply = await attempts[n]?.();
    if (reply && reply.status < 400) this.#world.broken("private", `${user} gets at order ${id}: way ${n}`);
  }

  /** Subscribes the browser that Ann and Bob share. */
  async #subscribe(user: UserName): Promise<void> {
    const { createSubscription } = notifications.routes;
    const body = this.#world.push.shared;
    const reply = await ask(this.#world, user, "NotificationService", createSubscription, { body });
    if (reply?.status === 201) return;
    if (reply !== undefined && reply.status < 500)
      this.#world.broken("push", `the browser of ${user} is refused: ${reply.status} ${reply.code}`);
  }

  /** Deletes the newest notification that a list shows. */
  async #dismiss(user: UserName): Promise<void> {
    const routes = notifications.routes;
    const list = await ask(this.#world, user, "NotificationService", routes.listNotifications, {
      query: "limit=1",
    });
    if (list?.status !== 200) return;
    const id: unknown = JSON.parse(list.text).items[0]?.id;
    if (typeof id !== "string") return;
    const reply = await ask(this.#world, user, "NotificationService", routes.deleteNotification, {
      params: { id },
    });
    if (reply?.status === 204 && this.#world.commits.notifications.get(id)?.deleted_at === null)
      this.#world.broken("durable", `the deletion of notification ${id} is acknowledged, and not there`);
  }

  #orders(user: UserName, route: Parameters<typeof ask>[3], request: Request) {
    return ask(this.#world, user, "OrderService", route, request);
  }

  #payments(user: UserName, route: Parameters<typeof ask>[3], request: Request) {
    return ask(this.#world, user, "PaymentService", route, request);
  }

  #isLate(id: string): boolean {
    const order = this.#world.commits.orders.get(id)?.at(-1)?.state;
    // A clock that is ahead may say so a little early.
    return order !== undefined && Date.parse(order.expires_at) <= this.#world.scheduler.now + 20_000;
  }
}
