// One file per configuration, replaced atomically: after a crash or on a full disk it is the old one or the new one.

import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateFolder } from "../../lib/files/private-folder.ts";
import { replaceFile } from "../../lib/files/replace-file.ts";
import { DamagedFile, sealed, unsealed } from "../../lib/files/sealed.ts";
import type { Log } from "../../lib/observability/log.ts";
import { withZod } from "../shared/with-zod.ts";
import { configKey, md5Of, type StoredConfig } from "./stored-config.ts";

export interface FoundConfigs {
  readonly configs: readonly StoredConfig[];
  /** Names, as {@link fileOf} returns them, of damaged files. */
  readonly damaged: ReadonlySet<string>;
}

/** The file of a key. Names come from clients, so they are hashed: a path in a name has no effect, and no name is too long. */
export const fileOf = (key: string): string => `${createHash("sha256").update(key).digest("hex")}.json`;

export class ConfigFiles {
  readonly #folder: string;
  readonly #log: Log;

  /** Stores its files in `folder`, which is created when needed. */
  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** All configurations that can be read. A damaged file is reported, and stays until it is replaced. */
  async readAll(): Promise<FoundConfigs> {
    makePrivateFolder(this.#folder);
    const configs: StoredConfig[] = [];
    const damaged = new Set<string>();
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      if (name.endsWith(".tmp")) await rm(path, { force: true });
      if (!name.endsWith(".json")) continue;
      try {
        configs.push(await this.#read(name));
      } catch (cause) {
        damaged.add(name);
        this.#log.error(
          { err: cause, path },
          "a stored configuration is damaged: reading it is refused until it is published again",
        );
      }
    }
    return { configs, damaged };
  }

  /** Stores a configuration; when it resolves, the file is on disk. @throws the system's error; the file is then unchanged. */
  write(key: string, config: StoredConfig): Promise<void> {
    return replaceFile(join(this.#folder, fileOf(key)), sealed(config));
  }

  async remove(key: string): Promise<void> {
    await rm(join(this.#folder, fileOf(key)), { force: true });
  }

  async #read(name: string): Promise<StoredConfig> {
    const path = join(this.#folder, name);
    const { storedConfig } = await withZod(() => import("./config-file.ts"));
    const config = storedConfig.parse(unsealed(path, await readFile(path, "utf8")));
    if (md5Of(config.content) !== config.md5) throw new DamagedFile(path, "its MD5 does not match");
    if (fileOf(configKey(config)) !== name)
      throw new DamagedFile(path, "it belongs to another configuration");
    return config;
  }
}
