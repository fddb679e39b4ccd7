// All that a simulation consists of but the code that runs in it: time, chance, tables, mail, processes.

import type { PaymentMethod } from "../../../functions/payments/payment-method.ts";
import type { Provider } from "../../../functions/payments/providers/provider.ts";
import { Store } from "../../support/memory-table.ts";
import { SERVICE_KEYS, SERVICE_NAMES, type ServiceName } from "../../support/shop.ts";
import { Chance } from "./chance.ts";
import { Commits } from "./commits.ts";
import type { Answer, Ask } from "./edge.ts";
import { Hooks } from "./hooks.ts";
import { Notes } from "./notes.ts";
import { Push } from "./push.ts";
import type { Process, Scheduler } from "./scheduler.ts";
import { watchOrder } from "./watch-order.ts";
import { watchPayment } from "./watch-payment.ts";
import { watchWaiting } from "./watch-waiting.ts";

export const SERVICES = SERVICE_KEYS.map((key) => SERVICE_NAMES[key]);

/** One instance of a service, as the network and the tables see it. */
export interface Instance {
  readonly process: Process;
  /** Answers a request through `reply`, or calls `broken` when the process dies before. */
  serve(ask: Ask, reply: (answer: Answer) => void, broken: () => void): void;
  crash(): void;
}

export interface Terms {
  readonly schedule: readonly number[];
  readonly turbulence: number;
  readonly mail: boolean;
  /** 0: nobody has a connection or a browser; 1: browsers, 2: connections, 3: both. */
  readonly push: number;
  /** 0: there are no webhooks; 1: the seller's, 2: the operators', 3: both. */
  readonly hooks: number;
  /** Whether what happens is noted. */
  readonly traced: boolean;
  /** Payment providers besides the sandbox. */
  readonly providers?: ReadonlyMap<PaymentMethod, Provider>;
}

export abstract class World extends Notes {
  readonly chance: Chance;
  readonly mail: boolean;
  readonly providers: ReadonlyMap<PaymentMethod, Provider>;
  readonly commits = new Commits(this);
  readonly stores = {
    orders: new Store((item, before) => watchOrder(this.commits, this.commits.order(item, before))),
    payments: new Store((item, before) => watchPayment(this.commits, this.commits.payment(item, before))),
    sandbox: new Store((item) => this.commits.charge(item)),
    // All money in a simulation is of a payment that it began.
    unmatched: new Store(({ doc }) => this.broken("money", `no payment takes ${doc}`)),
    notifications: new Store((item, before) => this.commits.notification(item, before)),
    deliveries: new Store((item, before) => watchWaiting(this.commits, this.commits.delivery(item, before))),
  };
  readonly push: Push;
  readonly hooks: Hooks;
  /** Mails that were taken. */
  readonly sent: { readonly messageId: string; readonly to: string }[] = [];
  /** The provider's callbacks that were signed so far, as they were sent. */
  readonly signed: Ask[] = [];

  constructor(
    scheduler: Scheduler,
    { schedule, turbulence, mail, push, hooks, traced, providers = new Map() }: Terms,
  ) {
    super(scheduler, traced);
    this.chance = new Chance(schedule, turbulence);
    this.mail = mail;
    this.push = new Push((push & 1) > 0, (push & 2) > 0);
    this.hooks = new Hooks((hooks & 1) > 0, (hooks & 2) > 0);
    this.providers = providers;
  }

  /** An instance of `service` that lives, the `instance`th if it does. */
  abstract nodeOf(service: ServiceName, instance: number): Instance | undefined;
}
