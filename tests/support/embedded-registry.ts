// The embedded registry in this process, with data of its own: it can be stopped, and started again at its address.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningRegistry, startRegistry } from "../../local/registry/server.ts";
import { silentLog } from "./silent-log.ts";

export class EmbeddedRegistry {
  readonly dataDir: string;
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
  #running: RunningRegistry;

  private constructor(dataDir: string, running: RunningRegistry) {
    this.dataDir = dataDir;
    this.port = running.port;
    this.address = `127.0.0.1:${running.port}`;
    this.#running = running;
  }

  static async start(port = 0): Promise<EmbeddedRegistry> {
    const dataDir = await mkdtemp(join(tmpdir(), "cfmp-registry-"));
    return new EmbeddedRegistry(dataDir, await listen(dataDir, port));
  }

  stop(): Promise<void> {
    return this.#running.close();
  }

  /** Starts it where it was, with the configurations that were published; all instances are forgotten. */
  async restart(): Promise<void> {
    await this.stop();
    this.#running = await listen(this.dataDir, this.port);
  }

  /** Ends it and removes its data. */
  async close(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

const listen = (dataDir: string, port: number): Promise<RunningRegistry> =>
  startRegistry({ host: "127.0.0.1", port, dataDir, log: silentLog });
