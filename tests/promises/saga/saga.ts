// One order on the simulated system, to be paid through a bank that answers as Alipay does; and all that can be done to it.

import type { Order } from "../../../functions/orders/order.ts";
import type { Payment } from "../../../functions/payments/payment.ts";
import type { PaymentMethod } from "../../../functions/payments/payment-method.ts";
import { paymentIdFor } from "../../../functions/payments/payment-store.ts";
import { shop } from "../../support/shop.ts";
import { inVirtualTime } from "../simulation/globals.ts";
import type { Violation } from "../simulation/notes.ts";
import { Scheduler } from "../simulation/scheduler.ts";
import { settle } from "../simulation/settle.ts";
import { SimulatedSystem } from "../simulation/simulated-system.ts";
import { START } from "../simulation/terms.ts";
import { type Bank, type BankCharge, createBank } from "./bank.ts";

/** What can happen. Refusals count as nothing happening. */
export const HAPPENINGS = [
  "pay",
  "payer looks",
  "newest is paid",
  "oldest is paid",
  "newest is reported",
  "oldest is reported",
  "payment is cancelled",
  "order is cancelled",
  "order is deleted",
  "order is edited",
  "order is completed",
  "a part is refunded",
  "the rest is refunded",
  "payments are swept",
  "orders are swept",
  "16 minutes pass",
] as const;

type Answered = { readonly status: number } | undefined;

export type Happening = (typeof HAPPENINGS)[number];

/** How it all ended, once hours of sweeps had passed. */
export interface Outcome {
  readonly order: Order;
  readonly payment: Payment;
  readonly charges: Bank["charges"];
  readonly violations: readonly Violation[];
}

const MINUTE = 60_000;
/** Whose place the bank takes. */
const METHOD: PaymentMethod = "alipay";

/** Lets `happenings` happen one after the other. */
export const inTurn = (happenings: readonly Happening[]): Promise<Outcome> =>
  play([], async (saga) => {
    for (const what of happenings) {
      void saga.happen(what);
      await saga.system.scheduler.run();
    }
  });

/** Lets them happen at once, on two instances of each service; `schedule`: see simulation/chance.ts. */
export const atOnce = (happenings: readonly Happening[], schedule: readonly number[]): Promise<Outcome> =>
  play(schedule, async (saga) => {
    for (const what of happenings) void saga.happen(what);
    await saga.system.scheduler.run();
  });

function play(schedule: readonly number[], act: (saga: Saga) => Promise<void>): Promise<Outcome> {
  const scheduler = new Scheduler(START);
  return inVirtualTime(scheduler, 1, async () => {
    const saga = await Saga.begin(scheduler, schedule);
    await act(saga);
    return saga.end();
  });
}

class Saga {
  readonly system: SimulatedSystem;
  readonly #bank: Bank;
  readonly #orderId: string;
  readonly #buyer: ReturnType<typeof shop>;
  readonly #seller: ReturnType<typeof shop>;
  /** References of the charges that the payer was shown: one that was opened for a refused attempt is nobody's to pay. */
  readonly #payable = new Set<string>();
  #passing: Promise<undefined> = Promise.resolve(undefined);

  private constructor(
    system: SimulatedSystem,
    bank: Bank,
    people: readonly [ReturnType<typeof shop>, ReturnType<typeof shop>],
    orderId: string,
  ) {
    this.system = system;
    this.#bank = bank;
    [this.#buyer, this.#seller] = people;
    this.#orderId = orderId;
  }

  /** An order of 100.00 of which an attempt to pay is under way. */
  static async begin(scheduler: Scheduler, schedule: readonly number[]): Promise<Saga> {
    const bank: Bank = createBank(
      () => scheduler.now,
      () => scheduler.pause(system.chance.network().latency),
    );
    const terms = {
      schedule,
      turbulence: 0,
      mail: false,
      push: 0,
      hooks: 0,
      traced: false,
      providers: new Map([[METHOD, bank.provider]]),
    };
    const system = new SimulatedSystem(scheduler, terms);
    system.chance.calm = true;
    const buyer = shop(system, "ann");
    const seller = shop(system, "sal", await system.credentials({ sub: "sal", scope: "sell" }));
    const body = { customer_name: "张三", total_amount: 100, seller_id: "sal" };
    const [order] = await Promise.all([buyer.order(body), scheduler.run()]);
    const saga = new Saga(system, bank, [buyer, seller], order.body.id);
    await Promise.all([saga.happen("pay"), scheduler.run()]);
    system.chance.calm = false;
    return saga;
  }

  async happen(what: Happening): Promise<void> {
    await this.#turn();
    const answer = await this.#deeds[what]();
    if (answer?.status === 500) this.system.broken("steps", `${what} is answered by 500`);
  }

  /** Lets sweeps pass until nothing is due any more, and says how it all ended. */
  async end(): Promise<Outcome> {
    const { system } = this;
    await settle(system);
    const order = system.commits.orders.get(this.#orderId)?.at(-1)?.state;
    const payment = system.commits.payments.get(this.#paymentId)?.at(-1)?.state;
    if (!order || !payment) throw new Error("Order or payment is gone");
    return { order, payment, charges: this.#bank.charges, violations: system.violations };
  }

  get #paymentId(): string {
    return paymentIdFor(this.#orderId);
  }

  #turn(): Promise<void> {
    const { scheduler, chance } = this.system;
    return scheduler.pause(chance.network().latency);
  }

  get #newest(): BankCharge | undefined {
    return this.#shown.at(-1);
  }

  get #shown(): readonly BankCharge[] {
    return this.#bank.charges.filter(({ reference }) => this.#payable.has(reference));
  }

  /** Gives the reply, where a request is sent to a service. */
  readonly #deeds: Readonly<Record<Happening, () => Promise<Answered>>> = {
    pay: () => this.#pay(),
    "payer looks": async () => void (this.#newest && this.#bank.look(this.#newest)),
    "newest is paid": async () => void (this.#newest && this.#bank.pay(this.#newest)),
    "oldest is paid": async () => void (this.#shown[0] && this.#bank.pay(this.#shown[0])),
    "newest is reported": () => this.#reported(this.#newest),
    "oldest is reported": () => this.#reported(this.#shown[0]),
    "payment is cancelled": () => this.#buyer.cancelPayment(this.#paymentId),
    "order is cancelled": () => this.#buyer.cancelOrder(this.#orderId),
    "order is deleted": () => this.#buyer.deleteOrder(this.#orderId),
    "order is edited": () => this.#buyer.editOrder(this.#orderId, { total_amount: "50.00" }),
    "order is completed": () => this.#buyer.completeOrder(this.#orderId),
    "a part is refunded": () => this.#seller.refund(this.#paymentId, { amount: "20.00", reason: "a part" }),
    "the rest is refunded": () => this.#seller.refund(this.#paymentId, { reason: "the rest" }),
    "payments are swept": () => this.#sweep("PaymentService"),
    "orders are swept": () => this.#sweep("OrderService"),
    "16 minutes pass": () => {
      // Payments are swept at least as often as attempts end: no quarter of an hour passes during one sweep.
      this.#passing = this.#passing.then(async () => {
        this.system.scheduler.now += 16 * MINUTE;
        return this.#sweep("PaymentService");
      });
      return this.#passing;
    },
  };

  async #pay(): Promise<Answered> {
    const { urls } = this.system;
    const body = { order_id: this.#orderId, method: METHOD };
    const begun = await this.#buyer.call("POST", `${urls.payments}/api/payments/`, body);
    if (begun.status === 201) this.#payable.add(begun.body.checkout.reference);
    return begun;
  }

  async #reported(charge: BankCharge | undefined): Promise<Answered> {
    const { urls, send } = this.system;
    const url = `${urls.payments}/api/payments/callback/${METHOD}/`;
    return charge && send("POST", url, this.#bank.report(charge));
  }

  async #sweep(service: "OrderService" | "PaymentService"): Promise<undefined> {
    await this.system.nodeOf(service, this.system.chance.network().instance)?.sweep();
    return undefined;
  }
}
