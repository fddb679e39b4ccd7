// Several instances of each service, each a runtime of its own with its sidecar, on one registry and database.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readState } from "../../../local/helper/state-file.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { commandOf } from "../../support/processes.ts";
import { type ListedHost, listedHosts } from "../../support/registry-list.ts";
import { type System, startSystem } from "../../support/system.ts";
import { type Attempt, type Death, parseAttempts } from "./attempts.ts";

export const SERVICES = {
  orders: "OrderService",
  payments: "PaymentService",
  notifications: "NotificationService",
};
export type ServiceKey = keyof typeof SERVICES;

/** How long an instance must have been in the registry before others may be killed in reliance on it, in milliseconds. */
const SETTLED_MS = 2_000;
const LOOK_MS = 200;

/** One instance; after a restart it is the same member with another process. */
export class Member {
  readonly key: ServiceKey;
  readonly service: string;
  readonly port: number;
  system: System;
  /** `hurt`: killed, paused, draining or starting; nothing may rely on it. */
  state: "up" | "hurt" = "up";
  /** Since when the registry has listed this process as healthy; epoch milliseconds. */
  listedSince: number | undefined;

  constructor(key: ServiceKey, port: number, system: System) {
    this.key = key;
    this.service = SERVICES[key];
    this.port = port;
    this.system = system;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get name(): string {
    return `${this.key}:${this.port}`;
  }

  sidecarPid(): number | undefined {
    return this.system.pids().find((pid) => commandOf(pid).includes("sidecar"));
  }

  /** Callers can be expected to know it and to be served by it. */
  settled(now: number): boolean {
    return this.state === "up" && this.listedSince !== undefined && now - this.listedSince >= SETTLED_MS;
  }
}

export class Fleet {
  readonly members: readonly Member[];
  readonly deaths: (Death & { until: number })[] = [];
  readonly #first: System;
  readonly #systems: System[];
  readonly #attempts: string;
  #looking: NodeJS.Timeout | undefined;

  private constructor(members: readonly Member[], attempts: string) {
    this.members = members;
    this.#systems = members.map(({ system }) => system);
    const [first] = this.#systems;
    if (first === undefined) throw new Error("A fleet has members.");
    this.#first = first;
    this.#attempts = attempts;
    this.#look();
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      process.once(name, () => void this.end().finally(() => process.exit(130)));
    }
  }

  /** Starts `instances` of each service, two runtimes at a time; resolves when all are ready. */
  static async start(instances: number, env: Readonly<Record<string, string>> = {}): Promise<Fleet> {
    const attempts = mkdtempSync(join(tmpdir(), "cfmp-chaos-"));
    const recorder = pathToFileURL(join(import.meta.dirname, "run-recorder.ts")).href;
    const settings = {
      NODE_OPTIONS: `--import=${recorder} --no-warnings`,
      CFMP_ATTEMPTS: attempts,
      LOG_LEVEL: "warn",
      ...env,
    };
    const keys: ServiceKey[] = ["orders", "payments", "notifications"];
    const wanted = Array.from({ length: instances }, () => keys).flat();
    const ports = await freePorts(wanted.length);
    const members: Member[] = [];
    try {
      let first: System | undefined;
      for (let index = 0; index < wanted.length; ) {
        const batch = wanted.slice(index, first === undefined ? 1 : index + 2);
        const started = await Promise.all(
          batch.map(async (key, offset) => {
            const port = ports[index + offset] ?? 0;
            const system = await start(key, port, { env: settings, ...(first ? { beside: first } : {}) });
            return new Member(key, port, system);
          }),
        );
        members.push(...started);
        first ??= started[0]?.system;
        index += batch.length;
      }
      return new Fleet(members, attempts);
    } catch (error) {
      for (const { system } of members.toReversed()) await system.cleanUp();
      rmSync(attempts, { recursive: true, force: true });
      throw error;
    }
  }

  /** Settings of the whole fleet, for who calls it; its attempts are written down as well. */
  get env(): Readonly<Record<string, string>> {
    return this.#first.env;
  }

  get registryUrl(): string {
    return this.#first.registryUrl;
  }

  /** Resolves when callers can be expected to know every member. */
  async settled(): Promise<void> {
    const unsettled = () => this.members.filter((member) => !member.settled(Date.now()));
    await until("all are settled", () => unsettled().length === 0, 60_000).catch((cause: unknown) => {
      throw new Error(`Not settled: ${unsettled().map(({ name }) => name)}`, { cause });
    });
  }

  others(member: Member): readonly Member[] {
    return this.members.filter((other) => other.key === member.key && other !== member);
  }

  /** SIGKILL to the runtime, and with `withSidecar` to its sidecar at the same moment. */
  kill(member: Member, withSidecar = false): void {
    member.state = "hurt";
    const sidecar = withSidecar ? member.sidecarPid() : undefined;
    member.listedSince = undefined;
    this.deaths.push({ origin: member.origin, from: Date.now(), until: Number.POSITIVE_INFINITY });
    if (sidecar !== undefined) signal(sidecar, "SIGKILL");
    signal(member.system.pid, "SIGKILL");
  }

  /** SIGTERM; resolves when the runtime has ended. */
  async drain(member: Member): Promise<void> {
    member.state = "hurt";
    await member.system.stop();
    member.listedSince = undefined;
    this.deaths.push({ origin: member.origin, from: Date.now(), until: Number.POSITIVE_INFINITY });
  }

  /** Starts the member again, at its address. */
  async restart(member: Member): Promise<void> {
    await until(`${member.name} is gone`, () => commandOf(member.system.pid) === "");
    const death = this.deaths.findLast(({ origin }) => origin === member.origin);
    if (death !== undefined) death.until = Math.min(death.until, Date.now());
    member.system = await start(member.key, member.port, { beside: this.#first });
    this.#systems.push(member.system);
    member.state = "up";
  }

  /** Ends the helper with registry and database; the runtimes start it again. False when there was none. */
  async killHelper(): Promise<boolean> {
    const helper = await readState(this.#first.dataDir);
    return helper !== undefined && signal(helper.pid, "SIGKILL");
  }

  async listed(service: string): Promise<readonly ListedHost[]> {
    return listedHosts(this.registryUrl, service);
  }

  /** What the registry has is what runs: each member once, healthy. Rejects with what it has instead. */
  async converged(withinMs: number): Promise<void> {
    let seen = "";
    const look = async () => {
      const wanted = this.members.map(({ service, system }) => `${service} ${system.pid} true`).sort();
      const lists = await Promise.all(
        Object.values(SERVICES).map(async (service) =>
          (await this.listed(service)).map(
            ({ metadata, healthy }) => `${service} ${metadata["pid"]} ${healthy}`,
          ),
        ),
      );
      seen = lists.flat().sort().join(", ");
      return seen === wanted.join(", ");
    };
    await until("the registry lists what runs", look, withinMs).catch((cause: unknown) => {
      throw new Error(`The registry lists ${seen}`, { cause });
    });
  }

  /** All attempts that processes of the fleet, and those with its settings, made at peers so far. */
  attempts(): readonly Attempt[] {
    return readdirSync(this.#attempts).flatMap((file) =>
      parseAttempts(file.replace(/\..*$/, ""), readFileSync(join(this.#attempts, file), "utf8")),
    );
  }

  async end(): Promise<void> {
    clearTimeout(this.#looking);
    for (const system of this.#systems.toReversed()) await system.cleanUp();
    rmSync(this.#attempts, { recursive: true, force: true });
  }

  /** Follows what the registry says of each member; what it says while it is away is nothing. */
  #look(): void {
    this.#looking = setTimeout(async () => {
      await Promise.all(Object.values(SERVICES).map((service) => this.#follow(service).catch(() => {})));
      this.#look();
    }, LOOK_MS);
    this.#looking.unref();
  }

  async #follow(service: string): Promise<void> {
    const hosts = await this.listed(service);
    for (const member of this.members.filter((one) => one.service === service)) {
      const pid = String(member.system.pid);
      const listed = hosts.some(({ healthy, metadata }) => healthy && metadata["pid"] === pid);
      if (!listed) member.listedSince = undefined;
      else member.listedSince ??= Date.now();
    }
  }
}

const start = (
  key: ServiceKey,
  port: number,
  options: { readonly beside?: System; readonly env?: Readonly<Record<string, string>> },
): Promise<System> => startSystem({ ...options, args: ["--service", key, "--httpPort", String(port)] });

/** False when there is no such process. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
