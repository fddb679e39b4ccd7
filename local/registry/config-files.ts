// One file per configuration. A file is replaced whole, so a crash leaves the old one or the new one.

import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../lib/observability/log.ts";
import { type StoredConfig, storedConfig } from "./stored-config.ts";

export class ConfigFiles {
  readonly #folder: string;
  readonly #log: Log;

  /** Keeps its files in `folder`, which is made when needed. */
  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** All readable configurations; a damaged file is reported and left alone. */
  async readAll(): Promise<StoredConfig[]> {
    await mkdir(this.#folder, { recursive: true });
    const configs: StoredConfig[] = [];
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      if (name.endsWith(".tmp")) await rm(path, { force: true });
      if (!name.endsWith(".json")) continue;
      try {
        configs.push(storedConfig.parse(JSON.parse(await readFile(path, "utf8"))));
      } catch (cause) {
        this.#log.warn({ err: cause, path }, "stored configuration is not readable and was skipped");
      }
    }
    return configs;
  }

  async write(key: string, config: StoredConfig): Promise<void> {
    const temporary = join(this.#folder, `${randomUUID()}.tmp`);
    try {
      const file = await open(temporary, "w");
      try {
        await file.writeFile(JSON.stringify(config));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path(key));
    } catch (cause) {
      await rm(temporary, { force: true });
      throw cause;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  // Names come from clients: hashed, they can neither leave the folder nor be too long for it.
  #path(key: string): string {
    return join(this.#folder, `${createHash("sha256").update(key).digest("hex")}.json`);
  }
}
