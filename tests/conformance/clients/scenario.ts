// What every client goes through. A step that fails does not end the others, unless it is the first.

import { randomUUID } from "node:crypto";
import * as z from "zod";
import { until } from "../../support/poll.ts";
import { SERVICE_NAMES } from "../../support/shop.ts";
import type { Command, Driver } from "./driver.ts";
import { LASTING, type Observer } from "./observer.ts";

/** The columns of the table, in their order. */
export const STEPS = [
  "register",
  "list",
  "subscribe",
  "deregister",
  "publish",
  "listen",
  "login",
  "call",
  "re-register",
  "re-subscribe",
  "re-listen",
  "kill",
] as const;
export type Step = (typeof STEPS)[number];

export interface Outcome {
  readonly step: Step;
  /** Undefined when it works. */
  readonly failure: string | undefined;
  readonly ms: number;
}

export interface Participant {
  /** Unlike every other's; names its services and its configuration. */
  readonly name: string;
  /** The first of {@link PORTS} free ports. */
  readonly port: number;
  readonly driver: Driver;
  /** It calls other services: an application framework, not a mere client. */
  readonly calls: boolean;
  /** Starts the same client with a wrong password. */
  readonly withWrongPassword: () => Promise<Driver>;
  /** Called as soon as a step has ended. */
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Clients compare all configurations every 5 minutes; after a restart some are not notified before. */
const RESYNC_WITHIN_MS = 330_000;

/** How many ports a participant needs. */
export const PORTS = 6;

const ORDER_SERVICE = SERVICE_NAMES.orders;
const IP = "127.0.0.1";
/** An instance without heartbeats is removed after 6 s. A client that speaks gRPC has no need of this. */
const METADATA = {
  "preserved.heart.beat.interval": "1000",
  "preserved.heart.beat.timeout": "3000",
  "preserved.ip.delete.timeout": "6000",
};

/** Before the registry is restarted. */
export function firstSteps(one: Participant, observer: Observer): Promise<Outcome[]> {
  const { driver, name, port } = one;
  return inOrder(one, {
    register: async () => {
      await driver.ready();
      await succeeds(driver, { do: "register", ...instance(name, port) });
      await until("it is in the list", async () => (await observer.ports(name)).includes(port));
    },
    list: async () => {
      await observer.register(name, port + 1);
      const both = async () => same(await driver.run({ do: "list", service: name }), [port, port + 1]);
      await until("it lists both instances", both);
    },
    subscribe: async () => {
      await succeeds(driver, { do: "subscribe", service: name });
      await observer.register(name, port + 2);
      await isNotified(one, port + 2);
    },
    deregister: async () => {
      // It does not leave for want of heartbeats.
      const other = { ...instance(second(name), port + 3), metadata: LASTING };
      await succeeds(driver, { do: "register", ...other });
      await until("it is in the list", async () => (await observer.ports(second(name))).length === 1);
      await succeeds(driver, { do: "deregister", ...other });
      await until("it is not in the list", async () => (await observer.ports(second(name))).length === 0);
    },
    publish: async () => {
      const content = `of ${name} 一`;
      await succeeds(driver, { do: "publish", dataId: name, content });
      await until("it is published", async () => (await observer.content(name)) === content);
      await until("it reads it", async () => (await driver.run({ do: "get", dataId: name })) === content);
    },
    listen: async () => {
      await succeeds(driver, { do: "listen", dataId: name });
      await observer.publish(name, "changed");
      await isNotifiedOf(one, "changed");
    },
    login: async () => {
      // That the right password works, the other steps show.
      await registerWithWrongPassword(one);
      const ports = await observer.ports(third(name));
      if (ports.length > 0) throw new Error("it registers with a wrong password");
    },
    ...(one.calls ? { call: () => callOrderService(driver) } : {}),
  });
}

/**
 * After it, in which the registry forgot all instances and kept all configurations.
 * @param first what {@link firstSteps} gave.
 */
export function lastSteps(
  one: Participant,
  observer: Observer,
  first: readonly Outcome[],
): Promise<Outcome[]> {
  const { driver, name, port } = one;
  return inOrder(
    one,
    {
      "re-register": async () => {
        await until("it is registered again", async () => (await observer.ports(name)).includes(port));
        const deregistered = await observer.ports(second(name));
        if (deregistered.length > 0) throw new Error("what it had deregistered is registered again");
      },
      "re-subscribe": async () => {
        await observer.register(name, port + 4);
        await isNotified(one, port + 4);
      },
      "re-listen": async () => {
        await observer.publish(name, "after the restart");
        await isNotifiedOf(one, "after the restart", RESYNC_WITHIN_MS);
      },
      kill: async () => {
        driver.kill();
        await until("it is not in the list", async () => !(await observer.ports(name)).includes(port));
      },
    },
    first,
  );
}

/** The OrderService of this repository, by its name in the registry. */
async function callOrderService(driver: Driver): Promise<void> {
  const services = z.array(z.string()).parse(await driver.run({ do: "services" }));
  if (!services.includes(ORDER_SERVICE)) throw new Error(`it lists ${services.join()}`);
  const order = { customer_name: "张三", total_amount: 299.99 };
  const url = `http://${ORDER_SERVICE}/api/orders/`;
  const reply = await driver.run({ do: "call", url, user: randomUUID(), order });
  const read = z.object({ customer_name: z.string() }).parse(JSON.parse(z.string().parse(reply)));
  if (read.customer_name !== order.customer_name) throw new Error(`it reads ${reply}`);
}

/** Fails in one way or another: an error, an end, no answer. */
async function registerWithWrongPassword({ name, port, withWrongPassword }: Participant): Promise<void> {
  const driver = await withWrongPassword();
  try {
    await driver.ready();
    await driver.run({ do: "register", ...instance(third(name), port + 5) });
  } catch {
    // What counts is the list.
  } finally {
    driver.kill();
  }
}

/** Clients have time limits of a few seconds, which a busy machine exceeds: as an application would, it tries again. */
const succeeds = (driver: Driver, command: Command) =>
  until(`"${command.do}" succeeds`, () => driver.run(command).then(() => true));

const second = (name: string) => `${name}-second`;
const third = (name: string) => `${name}-third`;
const instance = (service: string, port: number) => ({ service, ip: IP, port, metadata: METADATA });

const isNotified = ({ driver, name }: Participant, port: number) =>
  until(`it is notified of port ${port}`, () => driver.pushed.get(name)?.includes(port));

const isNotifiedOf = ({ driver, name }: Participant, content: string, withinMs?: number) =>
  until(`it is notified of "${content}"`, () => driver.contents.get(name) === content, withinMs);

const same = (given: unknown, expected: readonly number[]): boolean =>
  JSON.stringify(given) === JSON.stringify(expected);

async function inOrder(
  { onOutcome }: Participant,
  steps: Partial<Record<Step, () => Promise<unknown>>>,
  before: readonly Outcome[] = [],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of STEPS) {
    const work = steps[step];
    if (work === undefined) continue;
    const began = performance.now();
    const failure = registerFailed([...before, ...outcomes])
      ? "not tried, since it does not register"
      : await failureOf(work);
    const outcome = { step, failure, ms: Math.round(performance.now() - began) };
    outcomes.push(outcome);
    onOutcome(outcome);
  }
  return outcomes;
}

const registerFailed = (outcomes: readonly Outcome[]): boolean =>
  outcomes.some(({ step, failure }) => step === "register" && failure !== undefined);

const failureOf = (work: () => Promise<unknown>): Promise<string | undefined> =>
  work().then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof Error)) return String(error);
      return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
    },
  );
