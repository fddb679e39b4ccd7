// One of the two sides that are compared: a service of three instances and a caller of it.

import { setTimeout as sleep } from "node:timers/promises";
import type { Child } from "../../tests/support/child.ts";
import { until } from "../../tests/support/poll.ts";
import type { Children } from "./children.ts";
import type { FromCaller, FromPeer, Seen, ToCaller, ToPeer } from "./messages.ts";
import type { Watcher } from "./watcher.ts";

export type Kind = "ours" | "plain";

const SERVICES = { ours: "OurService", plain: "PlainService" };
export const PER_SECOND = 200;

export interface Instance {
  readonly process: Child<FromPeer, ToPeer>;
  readonly port: number;
  readonly listeningAt: number;
}

export class Side {
  readonly kind: Kind;
  readonly instances: Instance[] = [];
  readonly #children: Children;
  readonly #nacosServer: string;
  readonly #watcher: Watcher;
  #caller: Child<FromCaller, ToCaller> | undefined;

  constructor(kind: Kind, children: Children, nacosServer: string, watcher: Watcher) {
    this.kind = kind;
    this.#children = children;
    this.#nacosServer = nacosServer;
    this.#watcher = watcher;
  }

  get service(): string {
    return SERVICES[this.kind];
  }

  /** Starts an instance; resolves when it listens, which is before it is announced. */
  async begin(): Promise<Instance> {
    const announced = this.kind === "ours" ? "sidecar" : "plain";
    const job = { service: this.service, announced, nacosServer: this.#nacosServer, delays: [0] };
    const process = this.#children.fork<FromPeer, ToPeer>("processes/run-peer.ts", job);
    const { ports, at } = await process.receive("listening");
    const instance = { process, port: ports[0] ?? 0, listeningAt: at };
    this.instances.push(instance);
    return instance;
  }

  async listed({ port }: Instance, withinMs = 20_000): Promise<void> {
    await until(
      `${this.service}:${port} is registered`,
      () => this.#watcher.lists(this.service, port),
      withinMs,
    );
  }

  /** Fills up to `count` instances, all of them registered. */
  async fill(count: number): Promise<void> {
    const begun: Promise<Instance>[] = [];
    for (let n = this.instances.length; n < count; n += 1) begun.push(this.begin());
    for (const instance of await Promise.all(begun)) await this.listed(instance);
  }

  /** Starts the caller; resolves when every instance has served a call. */
  async call(dataDir: string): Promise<void> {
    const { service, kind } = this;
    const job = { service, by: kind, nacosServer: this.#nacosServer, perSecond: PER_SECOND, dataDir };
    this.#caller = this.#children.fork<FromCaller, ToCaller>("processes/run-caller.ts", job);
    await this.allServe();
  }

  /** Resolves when every instance serves calls. */
  async allServe(): Promise<void> {
    const ports = this.instances.map(({ port }) => port);
    await until(
      `all instances of ${this.service} serve`,
      async () => {
        const { served } = await this.report();
        return ports.every((port) => served[port] !== undefined);
      },
      30_000,
    );
  }

  /** What the caller saw since its last report. */
  async report(): Promise<Seen> {
    if (this.#caller === undefined) throw new Error("There is no caller yet");
    await sleep(100);
    this.#caller.send({ type: "report" });
    return (await this.#caller.receive("seen")).seen;
  }

  /** The next instance to be hurt; it is no longer counted among the instances. */
  take(): Instance {
    const taken = this.instances.shift();
    if (taken === undefined) throw new Error(`${this.service} has no instance left`);
    return taken;
  }
}
