// What every client goes through. A step that fails does not end the others.

import { until } from "../../support/poll.ts";
import type { Driver } from "./driver.ts";
import type { Account, Observer } from "./observer.ts";

/** The columns of the table, in their order. */
export const STEPS = [
  "registers",
  "lists",
  "pushed",
  "configs",
  "notified",
  "login",
  "restart",
  "killed",
] as const;
export type Step = (typeof STEPS)[number];

export interface Outcome {
  readonly step: Step;
  /** Undefined when it works. */
  readonly failure: string | undefined;
  readonly ms: number;
}

export interface Participant {
  /** Unlike every other's. */
  readonly name: string;
  readonly port: number;
  readonly driver: Driver;
  /** The same client with a wrong password. */
  readonly stranger: Driver;
}

export interface Registry {
  readonly address: string;
  readonly account: Account;
  /** Stops it and starts it again at the same address; instances that do not register again are gone. */
  restart(): Promise<void>;
}

const IP = "127.0.0.1";
/** An instance without heartbeats is removed after 6 s. A client that speaks gRPC has no need of this. */
const METADATA = {
  "preserved.heart.beat.interval": "1000",
  "preserved.heart.beat.timeout": "3000",
  "preserved.ip.delete.timeout": "6000",
};

/** Before the registry is restarted. */
export async function firstSteps(one: Participant, observer: Observer): Promise<Outcome[]> {
  const { driver, name, port, stranger } = one;
  const service = name;
  const instance = { ip: IP, port, metadata: METADATA };
  return inOrder({
    registers: async () => {
      await driver.ready();
      void attempt(stranger, `${name}-stranger`, port);
      await driver.run({ do: "register", service, ...instance });
      await until("it is in the list", async () => (await observer.ports(service)).includes(port));
    },
    lists: async () => {
      await observer.register(service, port + 1);
      const both = async () => same(await driver.run({ do: "list", service }), [port, port + 1]);
      await until("it lists both instances", both);
    },
    pushed: async () => {
      await driver.run({ do: "subscribe", service });
      await observer.register(service, port + 2);
      await pushes(one, port + 2);
    },
    configs: async () => {
      const content = `of ${name} 一`;
      await driver.run({ do: "publish", dataId: name, content });
      await until("it is published", async () => (await observer.content(name)) === content);
      await until("it reads it", async () => (await driver.run({ do: "get", dataId: name })) === content);
    },
    notified: async () => {
      await driver.run({ do: "listen", dataId: name });
      await observer.publish(name, "changed");
      await notifies(one, "changed");
    },
  });
}

/** After it. */
export async function lastSteps(one: Participant, observer: Observer): Promise<Outcome[]> {
  const { driver, name, port } = one;
  return inOrder({
    restart: async () => {
      await until("it is registered again", async () => (await observer.ports(name)).includes(port));
      await observer.register(name, port + 3);
      await pushes(one, port + 3);
      await observer.publish(name, "after the restart");
      await notifies(one, "after the restart");
    },
    login: async () => {
      const ports = await observer.ports(`${name}-stranger`);
      if (ports.length > 0) throw new Error("it registers with a wrong password");
    },
    killed: async () => {
      driver.kill();
      await until("it is gone", async () => !(await observer.ports(name)).includes(port));
    },
  });
}

/** With a wrong password a client fails, or never gets anywhere. */
async function attempt(stranger: Driver, service: string, port: number): Promise<void> {
  try {
    await stranger.ready();
    await stranger.run({ do: "register", service, ip: IP, port, metadata: METADATA });
  } catch {
    // As it should.
  }
}

const pushes = ({ driver, name }: Participant, port: number) =>
  until(`it is notified of port ${port}`, () => driver.pushed.get(name)?.includes(port));

const notifies = ({ driver, name }: Participant, content: string) =>
  until(`it is notified of "${content}"`, () => driver.contents.get(name) === content);

const same = (given: unknown, expected: readonly number[]): boolean =>
  JSON.stringify(given) === JSON.stringify(expected);

async function inOrder(steps: Partial<Record<Step, () => Promise<unknown>>>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of STEPS) {
    const work = steps[step];
    if (work === undefined) continue;
    const began = performance.now();
    const failure = await work().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    outcomes.push({ step, failure, ms: Math.round(performance.now() - began) });
    // Without a connection there is nothing else to try.
    if (step === "registers" && failure !== undefined) {
      const rest = STEPS.filter((each) => each !== step && steps[each] !== undefined);
      return [...outcomes, ...rest.map((each) => ({ step: each, failure: "not tried", ms: 0 }))];
    }
  }
  return outcomes;
}
