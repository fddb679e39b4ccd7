// Several instances of each service, each a runtime of its own with its sidecar, on one registry and database; and what
// the registry says of them.

import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../support/poll.ts";
import { commandOf } from "../../support/processes.ts";
import { RealSystem, type Runtime } from "../../support/real-system.ts";
import { RecordedAttempts } from "../../support/recorded-attempts.ts";
import { type ListedHost, listedHosts } from "../../support/registry-list.ts";
import { kill } from "../../support/run.ts";
import { SERVICE_KEYS, SERVICE_NAMES, type ServiceKey } from "../../support/shop.ts";
import type { Death, Pause, Recorded } from "./attempts.ts";
import { RegistryOutages } from "./registry-outages.ts";

/** How long an instance must have been in the registry before others may be killed in reliance on it, in milliseconds. */
const SETTLED_MS = 2_000;
const LOOK_MS = 200;

/** One instance of a service. */
export interface Member {
  readonly key: ServiceKey;
  readonly service: string;
  readonly origin: string;
  readonly name: string;
  readonly runtime: Runtime;
  /** `hurt`: killed, paused, draining or starting; nothing may rely on it. */
  state: "up" | "hurt";
  /** Since when the registry has listed this process as healthy; epoch milliseconds. */
  listedSince: number | undefined;
}

export class Fleet {
  readonly members: readonly Member[];
  readonly #deaths: (Death & { until: number })[] = [];
  readonly #pauses: Pause[] = [];
  readonly #outages = new RegistryOutages(Date.now());
  readonly system: RealSystem;
  readonly #attempts: RecordedAttempts;
  #looking: NodeJS.Timeout | undefined;

  private constructor(system: RealSystem, attempts: RecordedAttempts) {
    this.system = system;
    this.#attempts = attempts;
    this.members = system.runtimes.map((runtime) => {
      const [key = "orders"] = runtime.keys;
      const origin = runtime.urls[key];
      const { name } = runtime;
      const health = { state: "up", listedSince: undefined } as const;
      return { key, service: SERVICE_NAMES[key], origin, name, runtime, ...health };
    });
    this.#look();
  }

  /** Starts `instances` of each service; resolves when callers can be expected to know them all. */
  static async start(instances: number, env: Readonly<Record<string, string>> = {}): Promise<Fleet> {
    const attempts = new RecordedAttempts();
    const runtimes = Array.from({ length: instances }, () =>
      SERVICE_KEYS.map((key) => ({ keys: [key], own: true })),
    ).flat();
    const system = await RealSystem.start({
      runtimes,
      env: { ...attempts.env, ...env },
    });
    const fleet = new Fleet(system, attempts);
    try {
      const unsettled = () => fleet.members.filter((member) => !isSettled(member));
      await until("all are settled", () => unsettled().length === 0);
      return fleet;
    } catch (error) {
      await fleet.end();
      throw error;
    }
  }

  others(member: Member): readonly Member[] {
    return this.members.filter((other) => other.key === member.key && other !== member);
  }

  /** SIGKILL to the runtime, and with `withSidecar` to its sidecar at the same moment. */
  kill(member: Member, withSidecar = false): void {
    const sidecar = withSidecar ? member.runtime.sidecarPid() : undefined;
    this.#dies(member);
    if (sidecar !== undefined) kill(sidecar);
    kill(member.runtime.system.pid);
  }

  /** Stops the runtime for `milliseconds`; resolves when it goes on. */
  async pause(member: Member, milliseconds: number): Promise<void> {
    const { pid } = member.runtime.system;
    member.state = "hurt";
    this.#pauses.push({ caller: String(pid), until: await paused(pid, milliseconds) });
    member.state = "up";
    member.listedSince = undefined;
  }

  /** Stops the sidecar for `milliseconds`, if there is one; resolves when it goes on. */
  async pauseSidecar(member: Member, milliseconds: number): Promise<void> {
    const pid = member.runtime.sidecarPid();
    member.listedSince = undefined;
    if (pid !== undefined) await paused(pid, milliseconds);
  }

  /** Kills the sidecar; its runtime starts another one. */
  killSidecar(member: Member): void {
    const pid = member.runtime.sidecarPid();
    member.listedSince = undefined;
    if (pid !== undefined) kill(pid);
  }

  /** SIGTERM; resolves when the runtime has ended. */
  async drain(member: Member): Promise<void> {
    member.state = "hurt";
    await member.runtime.system.stop();
    this.#dies(member);
  }

  /** Starts the member again, at its address. */
  async restart(member: Member): Promise<void> {
    await until(`${member.name} is gone`, () => commandOf(member.runtime.system.pid) === "");
    const death = this.#deaths.findLast(({ origin }) => origin === member.origin);
    if (death !== undefined) death.until = Math.min(death.until, Date.now());
    await member.runtime.restart();
    member.state = "up";
  }

  /** Ends the helper with registry and database; the runtimes start it again. False when there was none. */
  async killHelper(): Promise<boolean> {
    const pid = await this.system.helperPid();
    if (pid === undefined || !kill(pid)) return false;
    this.#outages.killed(Date.now());
    return true;
  }

  /** What the registry has is what runs: each member once, healthy. Rejects with what it has instead. */
  async converged(withinMs?: number): Promise<void> {
    let seen = "";
    const look = async () => {
      const wanted = this.members.map(({ service, runtime }) => `${service} ${runtime.system.pid} true`);
      const listed = await Promise.all(
        Object.values(SERVICE_NAMES).map(async (service) =>
          (await this.#listed(service)).map(
            ({ metadata, healthy }) => `${service} ${metadata["pid"]} ${healthy}`,
          ),
        ),
      );
      seen = listed.flat().sort().join(", ");
      return seen === wanted.sort().join(", ");
    };
    await until("the registry lists what runs", look, withinMs).catch((cause: unknown) => {
      throw new Error(`The registry lists ${seen}`, { cause });
    });
  }

  /** What has happened so far, with all attempts at peers by processes of the fleet and those with its settings. */
  recorded(): Recorded {
    const attempts = this.#attempts.all();
    return { attempts, deaths: this.#deaths, pauses: this.#pauses, outages: this.#outages.all };
  }

  async end(): Promise<void> {
    clearTimeout(this.#looking);
    await this.system.cleanUp();
    this.#attempts.remove();
  }

  #dies(member: Member): void {
    member.state = "hurt";
    member.listedSince = undefined;
    this.#deaths.push({ origin: member.origin, from: Date.now(), until: Number.POSITIVE_INFINITY });
  }

  #listed(service: string): Promise<readonly ListedHost[]> {
    return listedHosts(this.system.registryUrl, service);
  }

  /** Follows what the registry says of each member; what it says while it is away is nothing. */
  #look(): void {
    this.#looking = setTimeout(async () => {
      const begun = Date.now();
      const looks = Object.values(SERVICE_NAMES).map((service) => this.#follow(service));
      const answered = (await Promise.allSettled(looks)).every(({ status }) => status === "fulfilled");
      this.#outages.looked(begun, Date.now(), answered);
      this.#look();
    }, LOOK_MS);
    this.#looking.unref();
  }

  async #follow(service: string): Promise<void> {
    const hosts = await this.#listed(service);
    for (const member of this.members.filter((one) => one.service === service)) {
      const pid = String(member.runtime.system.pid);
      const listed = hosts.some(({ healthy, metadata }) => healthy && metadata["pid"] === pid);
      if (!listed) member.listedSince = undefined;
      else member.listedSince ??= Date.now();
    }
  }
}

/** Callers can be expected to know it and to be served by it. */
export const isSettled = ({ state, listedSince }: Member): boolean =>
  state === "up" && listedSince !== undefined && Date.now() - listedSince >= SETTLED_MS;

/** Stops a process for `milliseconds`; resolves with the time at which it goes on, in epoch milliseconds. */
async function paused(pid: number, milliseconds: number): Promise<number> {
  kill(pid, "SIGSTOP");
  await sleep(milliseconds);
  const until = Date.now();
  kill(pid, "SIGCONT");
  return until;
}
