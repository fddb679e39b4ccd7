// One instance of a service: a process that can die, and the service over its ports that it runs meanwhile.

import { notifications } from "../../../functions/notifications/contract.ts";
import {
  createNotificationService,
  type NotificationService,
} from "../../../functions/notifications/service.ts";
import { orders } from "../../../functions/orders/contract.ts";
import { createOrderService, type OrderService } from "../../../functions/orders/service.ts";
import { createSandbox } from "../../../functions/payments/providers/sandbox/sandbox.ts";
import { createPaymentService, type PaymentService } from "../../../functions/payments/service.ts";
import { createClient } from "../../../lib/contract/client.ts";
import type { Contract } from "../../../lib/contract/route.ts";
import type { Relay } from "../../../lib/outbox/relay.ts";
import type { Store } from "../../support/memory-table.ts";
import type { ServiceName } from "../../support/shop.ts";
import type { Answer, Ask } from "./edge.ts";
import { farProvider } from "./far-provider.ts";
import { webhookPortsFor } from "./hook-ports.ts";
import { mailerFor } from "./mail.ts";
import { callFrom, tableFor } from "./ports.ts";
import { livePortsFor, pushPortsFor } from "./push-ports.ts";
import { routesOf } from "./routes.ts";
import type { Process } from "./scheduler.ts";
import { ATTEMPT_LIFETIME, ORDER_LIFETIME, SANDBOX_SECRET } from "./terms.ts";
import type { Instance, World } from "./world.ts";

interface Running {
  answer(ask: Ask): Promise<Answer>;
  readonly relays: readonly { readonly relay: Relay; readonly store: Store }[];
}

const askOrders = await routesOf<OrderService>("OrderService");
const askPayments = await routesOf<PaymentService>("PaymentService");
const askNotifications = await routesOf<NotificationService>("NotificationService");

const CURSOR_KEY = new Uint8Array(32).fill(7);

export class Node implements Instance {
  readonly service: ServiceName;
  readonly #world: World;
  readonly no: number;
  readonly #name: string;
  #lives = 0;
  process: Process;
  /** Made when it is first needed. */
  #running: Running | undefined;
  /** Informs waiting callers that this process has died. */
  #waiting = new Set<() => void>();

  constructor(world: World, service: ServiceName, no: number) {
    this.#world = world;
    this.service = service;
    this.no = no;
    this.#name = `${service.replace("Service", "").toLowerCase()}-${no}`;
    this.process = this.#newProcess();
  }

  serve(ask: Ask, reply: (answer: Answer) => void, broken: () => void): void {
    const { process } = this;
    const waiting = this.#waiting;
    this.#world.scheduler.current = process;
    waiting.add(broken);
    this.#run()
      .answer(ask)
      .then((answer) => {
        if (waiting.delete(broken) && process.alive) reply(answer);
      });
  }

  /** Runs one of its relays for one aggregate, in a while, or never. */
  hint(relay: number, id: string): void {
    const delay = this.#world.chance.hint();
    const { process } = this;
    if (delay === undefined) this.#world.note(() => `${process.name}: a hint is lost`);
    else
      this.#world.scheduler.after(delay, process, () =>
        this.#run()
          .relays[relay]?.relay.relay(id)
          .catch(() => {}),
      );
  }

  /** Has each of its relays look for what is due, unless its table shows that nothing is: most sweeps find nothing. */
  async sweep(): Promise<void> {
    if (!this.process.alive) return;
    const { scheduler } = this.#world;
    scheduler.current = this.process;
    const due = this.#run().relays.filter(({ store }) => store.firstDue() <= scheduler.clock());
    await Promise.all(due.map(({ relay }) => relay.sweep().catch(() => {})));
  }

  /** Loses all that is in memory. Comes back after a while. */
  crash(): void {
    if (!this.process.alive) return;
    this.process.alive = false;
    this.#world.tally.deaths += 1;
    const downtime = this.#world.chance.downtime();
    this.#world.note(() => `${this.process.name} dies, for ${downtime} ms`);
    for (const broken of this.#waiting) broken();
    this.#waiting = new Set();
    this.#world.scheduler.after(downtime, undefined, () => this.restart());
  }

  restart(): void {
    if (this.process.alive) return;
    this.#waiting = new Set();
    this.process = this.#newProcess();
    this.#running = undefined;
    this.#world.scheduler.after(0, this.process, () => void this.sweep());
  }

  #run(): Running {
    this.#running ??= start(this.#world, this);
    return this.#running;
  }

  #newProcess(): Process {
    this.#lives += 1;
    return { name: `${this.#name}#${this.#lives}`, alive: true, skew: this.process?.skew ?? 0 };
  }
}

function start(world: World, node: Node): Running {
  if (node.service === "OrderService") return startOrders(world, node);
  return node.service === "PaymentService" ? startPayments(world, node) : startNotifications(world, node);
}

function clientFor<C extends Contract>(world: World, node: Node, contract: C) {
  return createClient(contract, {
    call: callFrom(world, node.process, node.service),
    serviceToken: async () => "simulated",
  });
}

const now = (): number => Date.now();

function startOrders(world: World, node: Node): Running {
  const service = createOrderService({
    table: tableFor(world, node, world.stores.orders, "orders"),
    notifications: clientFor(world, node, notifications),
    cursorKeys: [CURSOR_KEY],
    lifetime: ORDER_LIFETIME,
    now,
    hint: async (id) => node.hint(0, id),
  });
  return {
    answer: (ask) => askOrders(service, ask),
    relays: [{ relay: service.relay, store: world.stores.orders }],
  };
}

function startPayments(world: World, node: Node): Running {
  const sandbox = createSandbox({
    table: tableFor(world, node, world.stores.sandbox, "sandbox"),
    secrets: [SANDBOX_SECRET],
    call: callFrom(world, node.process, node.service),
    now,
    hint: async (reference) => node.hint(1, reference),
  });
  const service = createPaymentService({
    table: tableFor(world, node, world.stores.payments, "payments"),
    unmatched: tableFor(world, node, world.stores.unmatched, "unmatched"),
    orders: clientFor(world, node, orders),
    notifications: clientFor(world, node, notifications),
    providers: new Map([...world.providers, ["sandbox", farProvider(world, node.process, sandbox.provider)]]),
    decide: sandbox.decide,
    cursorKeys: [CURSOR_KEY],
    lifetime: ATTEMPT_LIFETIME,
    debug: false,
    now,
    hint: async (id) => node.hint(0, id),
  });
  return {
    answer: (ask) => askPayments(service, ask),
    relays: [
      { relay: service.relay, store: world.stores.payments },
      { relay: sandbox.relay, store: world.stores.sandbox },
    ],
  };
}

function startNotifications(world: World, node: Node): Running {
  const service = createNotificationService({
    table: tableFor(world, node, world.stores.notifications, "notifications"),
    contacts: { find: async () => undefined, update: async () => {} },
    defaultLocale: "en",
    timeZone: "UTC",
    unsubscribeLinks: { urlFor: () => undefined, userOf: () => undefined },
    mailer: world.mail ? mailerFor(world, node.process) : undefined,
    cursorKeys: [CURSOR_KEY],
    now,
    live: livePortsFor(world, node),
    push: pushPortsFor(world, node),
    webhooks: webhookPortsFor(world, node, async (id) => node.hint(1, id)),
    feedClocks: { now, monotonic: now, pause: (ms) => world.scheduler.pause(ms) },
    hint: async (id) => node.hint(0, id),
  });
  return {
    answer: (ask) => askNotifications(service, ask),
    relays: [
      { relay: service.relay, store: world.stores.notifications },
      { relay: service.webhookRelay, store: world.stores.deliveries },
    ],
  };
}
