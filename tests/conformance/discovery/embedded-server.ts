// The embedded registry for tests: on a free port, with data of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { type RunningRegistry, startRegistry } from "../../../local/registry/server.ts";

/** A registry that can be stopped and started again on its port, with its data. */
export class EmbeddedServer {
  readonly dataDir: string;
  #running: RunningRegistry;

  private constructor(dataDir: string, running: RunningRegistry) {
    this.dataDir = dataDir;
    this.#running = running;
  }

  static async start(): Promise<EmbeddedServer> {
    const dataDir = await mkdtemp(join(tmpdir(), "cfmp-registry-"));
    return new EmbeddedServer(dataDir, await listen(dataDir, 0));
  }

  get port(): number {
    return this.#running.port;
  }

  /** `host:port`. */
  get address(): string {
    return `${this.#running.host}:${this.port}`;
  }

  async stop(): Promise<void> {
    await this.#running.close();
  }

  /** Starts it again where it was. */
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
  startRegistry({ host: "127.0.0.1", port, dataDir, log: pino({ level: "silent" }) });
