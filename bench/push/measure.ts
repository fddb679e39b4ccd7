// CPU time and memory of the system while it holds many live connections, and how long after an order its buyer sees it.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "../../tests/support/child.ts";
import { cpuTime } from "../../tests/support/processes.ts";
import type { System } from "../../tests/support/system.ts";
import { processesOf, startBenchSystem } from "../bench-system.ts";
import { type Machine, thisMachine } from "../machine.ts";
import {
  type ByRole,
  cpuTimes,
  machineTime,
  mapRoles,
  memoryOf,
  othersShare,
  type Processes,
} from "../processes.ts";
import { type UsedMemory, usedMemory } from "../used-memory.ts";
import type { ClientsJob, FromClients, Notified, Notify, ToClients } from "./messages.ts";
import type { Options } from "./options.ts";

/** What the system used in a window. */
export interface Window {
  readonly seconds: number;
  /** CPU milliseconds by process. */
  readonly cpuMs: ByRole;
  /** The least that each process had, in MB: garbage is collected now and then. */
  readonly memory: ByRole;
  /** Of the machine, that neither the system nor the clients took. */
  readonly others: number;
}

export interface Loaded extends Window {
  readonly notifications: number;
  readonly notified: Notified;
}

/** A window without anything to send. */
export interface Rest extends Window {
  /** MB that each process used after a collection of garbage, just before. */
  readonly used: ByRole;
}

/** The same notifications a second, to users with connections and to others. */
export interface Rate {
  readonly framesPerSecond: number;
  readonly connected: Loaded;
  readonly strangers: Loaded;
}

export interface Figures {
  readonly machine: Machine;
  readonly options: Options;
  /** Without connections, and with all of them. */
  readonly idle: { readonly before: Rest; readonly connected: Rest };
  readonly opening: Window;
  readonly rates: readonly Rate[];
  readonly orders: Loaded;
}

type ClientsProcess = Child<FromClients, ToClients>;

/** Frames per second of the first loaded window. */
const FEW_FRAMES = 50;
/** What is loaded and compiled by the first connections is not theirs. */
const WARM_UP = { connections: 60, users: 20, notifications: 600, perSecond: 60 };
const SETTLE_MS = 5_000;
const LOOKS_PER_SECOND = 2;
/** All notifications and their connections, on a machine that does other things as well. */
const WITHIN_MS = 600_000;

/** Runs the measurement; `say` hears what is being done. Ends what it started. */
export async function measure(options: Options, say: (what: string) => void): Promise<Figures> {
  const memory = usedMemory();
  const system = await startBenchSystem(memory.env);
  const job = jobOf(system, options);
  const clients: ClientsProcess = new Child(join(import.meta.dirname, "run-clients.ts"), job);
  try {
    return await new Measurement(system, clients, memory, options).run(say);
  } finally {
    await clients.end();
    await system.cleanUp();
    memory.remove();
  }
}

const jobOf = (system: System, { gateway }: Options): ClientsJob => ({
  liveUrl: gateway ? system.gatewayUrl : system.urls.notifications,
  urls: system.urls,
  watched: Object.values(processesOf(system)),
});

class Measurement {
  readonly #processes: Processes;
  readonly #clients: ClientsProcess;
  readonly #memory: UsedMemory;
  readonly #options: Options;

  constructor(system: System, clients: ClientsProcess, memory: UsedMemory, options: Options) {
    this.#processes = processesOf(system);
    this.#clients = clients;
    this.#memory = memory;
    this.#options = options;
  }

  async run(say: (what: string) => void): Promise<Figures> {
    const { connections, users, seconds, frames, orders, rate } = this.#options;
    await this.#warmUp();
    say(`${seconds} s without connections`);
    const before = await this.#rest();
    say(`${connections} connections of ${users} users`);
    const opening = await this.#window(() => this.#connect(connections, users));
    say(`${seconds} s with them`);
    const connected = await this.#rest();
    const rates: Rate[] = [];
    for (const framesPerSecond of new Set([FEW_FRAMES, frames])) {
      say(`${framesPerSecond} frames a second for ${seconds} s, and as many notifications to others`);
      rates.push(await this.#rate(framesPerSecond));
    }
    say(`${orders} orders, ${rate} a second`);
    const timed = await this.#load({ what: "order", to: "connected", count: orders, perSecond: rate });
    return {
      machine: thisMachine(),
      options: this.#options,
      idle: { before, connected },
      opening,
      rates,
      orders: timed,
    };
  }

  async #warmUp(): Promise<void> {
    const { connections, users, notifications, perSecond } = WARM_UP;
    await this.#connect(connections, users);
    for (const what of ["notification", "order"] as const)
      await this.#notify({ what, to: "connected", count: notifications, perSecond });
    await this.#connect(0, 1);
  }

  async #rate(framesPerSecond: number): Promise<Rate> {
    const { connections, users, seconds } = this.#options;
    const perSecond = framesPerSecond / (connections / users);
    const load = { what: "notification", count: Math.round(perSecond * seconds), perSecond } as const;
    const connected = await this.#load({ ...load, to: "connected" });
    return { framesPerSecond, connected, strangers: await this.#load({ ...load, to: "strangers" }) };
  }

  async #load(load: Omit<Notify, "type">): Promise<Loaded> {
    await sleep(SETTLE_MS);
    let notified: Notified | undefined;
    const window = await this.#window(async () => {
      notified = await this.#notify(load);
    });
    if (notified === undefined) throw new Error("Nobody was notified");
    return { ...window, notifications: load.count, notified };
  }

  async #rest(): Promise<Rest> {
    await sleep(SETTLE_MS);
    const used = await this.#memory.read(this.#processes);
    const window = await this.#window(() => sleep(this.#options.seconds * 1_000));
    return { ...window, used };
  }

  /** What is used until `during` resolves. */
  async #window(during: () => Promise<unknown>): Promise<Window> {
    const begun = performance.now();
    const before = {
      cpu: cpuTimes(this.#processes),
      clients: cpuTime(this.#clients.pid),
      machine: machineTime(),
    };
    let least = memoryOf(this.#processes);
    const look = () => {
      const now = memoryOf(this.#processes);
      least = mapRoles(least, (value, role) => Math.min(value, now[role] ?? value));
    };
    const looks = setInterval(look, 1_000 / LOOKS_PER_SECOND);
    try {
      await during();
    } finally {
      clearInterval(looks);
    }
    look();
    const wallMs = performance.now() - begun;
    const cpuMs = mapRoles(cpuTimes(this.#processes), (value, role) => value - (before.cpu[role] ?? 0));
    const clientsMs = cpuTime(this.#clients.pid) - before.clients;
    const own = Object.values(cpuMs).reduce((sum, value) => sum + value, clientsMs);
    return {
      seconds: wallMs / 1_000,
      cpuMs,
      memory: least,
      others: othersShare(machineTime() - before.machine, own, wallMs),
    };
  }

  async #connect(connections: number, users: number): Promise<void> {
    this.#clients.send({ type: "connect", connections, users });
    await this.#clients.receive("connected", WITHIN_MS);
  }

  async #notify(load: Omit<Notify, "type">): Promise<Notified> {
    this.#clients.send({ type: "notify", ...load });
    return (await this.#clients.receive("notified", WITHIN_MS)).notified;
  }
}
