// Looks at the registry all the time, past all clients, and remembers since when what is listed.

import { setTimeout as sleep } from "node:timers/promises";
import { listedHosts } from "../../tests/support/registry-list.ts";
import { wallClock } from "./clock.ts";

const LOOK_MS = 10;

export class Watcher {
  readonly #url: string;
  readonly #services: readonly string[];
  #healthy = new Map<string, ReadonlySet<number>>();
  /** When it was last seen there, by `service:port`. */
  readonly #seen = new Map<string, number>();
  /** When an instance was last seen to leave, by `service:port`. */
  readonly #left = new Map<string, number>();
  #ended = false;

  constructor(nacosServer: string, services: readonly string[]) {
    this.#url = `http://${nacosServer}`;
    this.#services = services;
    void this.#run();
  }

  /** Is the instance listed as healthy? */
  lists(service: string, port: number): boolean {
    return this.#healthy.get(service)?.has(port) ?? false;
  }

  /** Was it listed as healthy at `time` or later? A registry that is away lists nobody. */
  listedSince(service: string, port: number, time: number): boolean {
    return (this.#seen.get(`${service}:${port}`) ?? 0) >= time;
  }

  /** When it was last seen to leave the list of the healthy; undefined when it is there, or never was. */
  leftAt(service: string, port: number): number | undefined {
    return this.lists(service, port) ? undefined : this.#left.get(`${service}:${port}`);
  }

  end(): void {
    this.#ended = true;
  }

  async #run(): Promise<void> {
    for (; !this.#ended; await sleep(LOOK_MS)) {
      for (const service of this.#services) await this.#look(service).catch(() => {});
    }
  }

  async #look(service: string): Promise<void> {
    const hosts = await listedHosts(this.#url, service);
    const now = wallClock();
    const healthy = new Set(hosts.filter((host) => host.healthy).map(({ port }) => port));
    for (const port of healthy) this.#seen.set(`${service}:${port}`, now);
    for (const port of this.#healthy.get(service) ?? []) {
      if (!healthy.has(port)) this.#left.set(`${service}:${port}`, now);
    }
    this.#healthy = new Map(this.#healthy).set(service, healthy);
  }
}
