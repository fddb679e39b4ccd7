// The embedded registry in this process, with data of its own: it can be stopped, and started again at its address.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Account } from "../../local/registry/account.ts";
import { type RunningRegistry, startRegistry } from "../../local/registry/server.ts";
import { silentLog } from "./silent-log.ts";

export class EmbeddedRegistry {
  readonly dataDir: string;
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
  readonly #account: Account | undefined;
  #running: RunningRegistry;

  private constructor(dataDir: string, account: Account | undefined, running: RunningRegistry) {
    this.dataDir = dataDir;
    this.#account = account;
    this.port = running.port;
    this.address = `127.0.0.1:${running.port}`;
    this.#running = running;
  }

  /** @param account with which its clients have to log in; by default they need not. */
  static async start(port = 0, account?: Account): Promise<EmbeddedRegistry> {
    const dataDir = await mkdtemp(join(tmpdir(), "cfmp-registry-"));
    return new EmbeddedRegistry(dataDir, account, await listen(dataDir, port, account));
  }

  stop(): Promise<void> {
    return this.#running.close();
  }

  /** Starts it where it was, with the configurations that were published; all instances are forgotten. */
  async restart(): Promise<void> {
    await this.stop();
    this.#running = await listen(this.dataDir, this.port, this.#account);
  }

  /** Ends it and removes its data. */
  async close(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

const listen = (dataDir: string, port: number, account: Account | undefined): Promise<RunningRegistry> =>
  startRegistry({ host: "127.0.0.1", port, dataDir, account, log: silentLog });
