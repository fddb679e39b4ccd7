// The system under test in virtual time: tables, two instances of each service, and a note of all that happens. Nothing
// happens unless its scheduler runs.

import type { PaymentMethod } from "../../../functions/payments/payment-method.ts";
import type { Provider } from "../../../functions/payments/providers/provider.ts";
import { ANONYMOUS, type User } from "../../../lib/auth/caller.ts";
import { Store } from "../../support/memory-table.ts";
import type { Headers, Send, ServiceKey } from "../../support/shop.ts";
import type { Person, SystemUnderTest } from "../../support/system-under-test.ts";
import { Chance } from "./chance.ts";
import { Commits } from "./commits.ts";
import { Node, type ServiceName } from "./node.ts";
import { send } from "./ports.ts";
import { Outside } from "./provider.ts";
import type { Scheduler } from "./scheduler.ts";
import { SANDBOX_SECRET, START } from "./terms.ts";

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
  /** Payment providers besides the sandbox. */
  readonly providers?: ReadonlyMap<PaymentMethod, Provider>;
}

const SERVICES: Readonly<Record<ServiceKey, ServiceName>> = {
  orders: "OrderService",
  payments: "PaymentService",
  notifications: "NotificationService",
};

export class SimulatedSystem implements SystemUnderTest {
  readonly urls = SERVICES;
  readonly sandboxSecret = SANDBOX_SECRET;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly mail: boolean;
  readonly providers: ReadonlyMap<PaymentMethod, Provider>;
  readonly commits: Commits;
  readonly stores;
  readonly nodes: readonly Node[];
  readonly outside = new Outside(this);
  readonly sent: { readonly messageId: string; readonly to: string }[] = [];
  readonly violations: Violation[] = [];
  readonly trace: string[] = [];
  readonly tally = noTally();
  /** While true, only what is broken is noted. */
  muted = false;
  readonly #traced: boolean;
  readonly #byService: Readonly<Record<ServiceName, readonly Node[]>>;

  constructor(scheduler: Scheduler, { schedule, turbulence, mail, traced, providers = new Map() }: Terms) {
    this.scheduler = scheduler;
    this.chance = new Chance(schedule, turbulence);
    this.mail = mail;
    this.providers = providers;
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

  now(): number {
    return this.scheduler.now;
  }

  async credentials(person: Person): Promise<Headers> {
    return { authorization: JSON.stringify(person) };
  }

  /** Asks an instance as a user does who sends a request once. @throws {PeerUnavailable} when there is no answer. */
  readonly send: Send = async (method, url, body, headers = {}) => {
    const service = Object.values(SERVICES).find((name) => url.startsWith(name));
    if (!service) throw new Error(`${url} is not of this system`);
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const ask = {
      caller: callerOf(headers),
      method,
      path: url.slice(service.length),
      headers: { ...(text === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(text === undefined ? {} : { body: text }),
    };
    const answer = await send(this, undefined, service, ask, false);
    const json = answer.headers["content-type"]?.includes("json");
    return { ...answer, body: json ? JSON.parse(answer.body) : answer.body };
  };

  async mails(): Promise<ReadonlyMap<string, readonly string[]>> {
    const byAddress = Map.groupBy(this.sent, ({ to }) => to);
    return new Map([...byAddress].map(([to, mails]) => [to, mails.map(({ messageId }) => messageId)]));
  }

  /** It is gone when nobody holds it. */
  async cleanUp(): Promise<void> {}

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

/** Who sends a request with these headers: what `credentials` made of them, or a bare id. */
function callerOf({ authorization, uuid }: Headers): User | typeof ANONYMOUS {
  if (authorization === undefined && uuid === undefined) return ANONYMOUS;
  const {
    sub,
    email,
    scope = "",
  }: Person = authorization === undefined ? { sub: uuid ?? "" } : JSON.parse(authorization);
  return {
    kind: "user",
    id: sub,
    ...(email === undefined ? {} : { email }),
    scopes: new Set(scope.split(" ").filter((name) => name !== "")),
  };
}
