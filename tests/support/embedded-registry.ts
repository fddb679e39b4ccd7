// The embedded registry in this process, with data of its own: it can be stopped, and started again at its address.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../../lib/observability/log.ts";
import type { Account } from "../../local/registry/account.ts";
import { type RunningRegistry, startRegistry } from "../../local/registry/server.ts";
import { silentLog } from "./silent-log.ts";

export class EmbeddedRegistry {
  readonly dataDir: string;
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
  readonly #account: Account | undefined;
  readonly #log: Log;
  #running: RunningRegistry;

  private constructor(dataDir: string, account: Account | undefined, log: Log, running: RunningRegistry) {
    this.dataDir = dataDir;
    this.#account = account;
    this.#log = log;
    this.port = running.port;
    this.address = `127.0.0.1:${running.port}`;
    this.#running = running;
  }

  /** @param account with which its clients have to log in; by default they need not. */
  static async start(port = 0, account?: Account, log: Log = silentLog): Promise<EmbeddedRegistry> {
    const dataDir = await mkdtemp(join(tmpdir(), "cfmp-registry-"));
    return new EmbeddedRegistry(dataDir, account, log, await listen(dataDir, port, account, log));
  }

  /** Starts one that also has its gRPC port. */
  static async startWithGrpc(account?: Account, log?: Log): Promise<EmbeddedRegistry> {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const registry = await EmbeddedRegistry.start(0, account, log);
      if (registry.#running.grpcPort !== undefined) return registry;
      await registry.close();
    }
    throw new Error("No two free ports are at the distance of gRPC's.");
  }

  stop(): Promise<void> {
    return this.#running.close();
  }

  /** The process that registered with this instance id has ended. */
  instanceEnded(instance: string): void {
    this.#running.instanceEnded(instance);
  }

  /** That process has a lease again. */
  instanceLives(instance: string): void {
    this.#running.instanceLives(instance);
  }

  /** @throws {Error} when its gRPC port could not be had. */
  get grpcPort(): number {
    const port = this.#running.grpcPort;
    if (port === undefined) throw new Error(`The port for gRPC beside ${this.port} is in use.`);
    return port;
  }

  /** Starts it where it was, with the configurations that were published; all instances are forgotten. */
  async restart(): Promise<void> {
    await this.stop();
    this.#running = await listen(this.dataDir, this.port, this.#account, this.#log);
  }

  /** Ends it and removes its data. */
  async close(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

const listen = (
  dataDir: string,
  port: number,
  account: Account | undefined,
  log: Log,
): Promise<RunningRegistry> => startRegistry({ host: "127.0.0.1", port, dataDir, account, log });
