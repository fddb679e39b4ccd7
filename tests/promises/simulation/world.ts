// One simulated system: tables, two instances of each service, and a note of all that happens.

import { Chance } from "./chance.ts";
import { Commits } from "./commits.ts";
import { Node, type ServiceName } from "./node.ts";
import { Outside } from "./provider.ts";
import type { Scheduler } from "./scheduler.ts";
import { Store } from "./store.ts";
import { START } from "./terms.ts";

/** A promise that was broken. */
export interface Violation {
  /** Which of the five, or `steps` for a step that no rule has. */
  readonly promise:
    | "1 money"
    | "2 notifications"
    | "3 durable"
    | "4 one winner"
    | "5 private"
    | "settled"
    | "steps";
  readonly text: string;
}

/** How much happened. */
export interface Tally {
  requests: number;
  /** Those that were answered by 2xx. */
  acknowledged: number;
  writes: number;
  faults: number;
  deaths: number;
  captures: number;
}

export const noTally = (): Tally => ({
  requests: 0,
  acknowledged: 0,
  writes: 0,
  faults: 0,
  deaths: 0,
  captures: 0,
});

export function addTo(total: Tally, more: Tally): void {
  total.requests += more.requests;
  total.acknowledged += more.acknowledged;
  total.writes += more.writes;
  total.faults += more.faults;
  total.deaths += more.deaths;
  total.captures += more.captures;
}

export interface Terms {
  readonly schedule: readonly number[];
  readonly turbulence: number;
  readonly mail: boolean;
  /** Whether what happens is noted. */
  readonly traced: boolean;
}

export class World {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly mail: boolean;
  readonly commits: Commits;
  readonly stores;
  readonly nodes: readonly Node[];
  readonly outside = new Outside(this);
  readonly mails: { readonly messageId: string; readonly to: string }[] = [];
  readonly violations: Violation[] = [];
  readonly trace: string[] = [];
  readonly tally = noTally();
  /** While true, only what is broken is noted. */
  muted = false;
  readonly #traced: boolean;
  readonly #byService: Readonly<Record<ServiceName, readonly Node[]>>;

  constructor(scheduler: Scheduler, { schedule, turbulence, mail, traced }: Terms) {
    this.scheduler = scheduler;
    this.chance = new Chance(schedule, turbulence);
    this.mail = mail;
    this.#traced = traced;
    this.commits = new Commits(this);
    const { commits } = this;
    this.stores = {
      orders: new Store((item, before) => commits.order(item, before)),
      payments: new Store((item, before) => commits.payment(item, before)),
      sandbox: new Store((item) => commits.charge(item)),
      notifications: new Store((item, before) => commits.notification(item, before)),
    };
    const pair = (service: ServiceName) => [new Node(this, service, 1), new Node(this, service, 2)];
    this.#byService = {
      OrderService: pair("OrderService"),
      PaymentService: pair("PaymentService"),
      NotificationService: pair("NotificationService"),
    };
    this.nodes = Object.values(this.#byService).flat();
  }

  /** An instance of `service` that lives, the `instance`th if it does. */
  nodeOf(service: ServiceName, instance: number): Node | undefined {
    const nodes = this.#byService[service];
    const wanted = nodes[instance];
    const other = nodes[1 - instance];
    if (wanted?.process.alive) return wanted;
    return other?.process.alive ? other : undefined;
  }

  /** Writes a line of the history, if anybody will read it. */
  note(text: () => string): void {
    if (this.#traced && !this.muted) this.#line(text());
  }

  #line(text: string): void {
    const seconds = ((this.scheduler.now - START) / 1_000).toFixed(3).padStart(9);
    this.trace.push(`${seconds}  ${text}`);
  }

  /** Notes that a call of a port goes wrong, and how. */
  fault(what: string, how: string): void {
    this.tally.faults += 1;
    this.note(() => `${what}: ${how}`);
  }

  broken(promise: Violation["promise"], text: string): void {
    this.violations.push({ promise, text });
    if (this.#traced) this.#line(`BROKEN ${promise}: ${text}`);
  }
}
