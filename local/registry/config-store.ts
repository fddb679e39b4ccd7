// Published configurations: in memory for reading, each in a file of its own for the next start.

import { createHash } from "node:crypto";
import type { ConfigFiles } from "./config-files.ts";
import { RegistryFull, RequestError } from "./request-error.ts";
import type { ConfigKey, StoredConfig } from "./stored-config.ts";

const MAX_CONFIGS = 10_000;
const TYPES = new Set(["text", "json", "xml", "yaml", "html", "properties", "toml"]);

export class ConfigStore {
  readonly #files: ConfigFiles;
  readonly #clock: () => number;
  readonly #onChange: (key: ConfigKey) => void;
  readonly #configs = new Map<string, StoredConfig>();
  /** Writes go one after the other, so that the file of a key is always that of its latest publication. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  private constructor(files: ConfigFiles, clock: () => number, onChange: (key: ConfigKey) => void) {
    this.#files = files;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** A store with everything the files hold. `onChange` is called once a change is on disk and readable. */
  static async open(
    files: ConfigFiles,
    clock: () => number,
    onChange: (key: ConfigKey) => void,
  ): Promise<ConfigStore> {
    const store = new ConfigStore(files, clock, onChange);
    for (const config of await files.readAll()) store.#configs.set(configKey(config), config);
    return store;
  }

  get(key: ConfigKey): StoredConfig | undefined {
    return this.#configs.get(configKey(key));
  }

  /** The MD5 of what is published, empty when nothing is. */
  md5(key: ConfigKey): string {
    return this.get(key)?.md5 ?? "";
  }

  /**
   * Resolves when the configuration is on disk. A `type` that Nacos does not know counts as text.
   * @throws {RegistryFull} when there is no room for another.
   */
  publish(key: ConfigKey, content: string, wanted: string | undefined): Promise<void> {
    const type = wanted !== undefined && TYPES.has(wanted) ? wanted : "text";
    return this.#inTurn(async () => {
      const id = configKey(key);
      if (!this.#configs.has(id) && this.#configs.size >= MAX_CONFIGS) throw new RegistryFull();
      const md5 = createHash("md5").update(content, "utf8").digest("hex");
      const config = { ...key, content, type, md5, modifiedAt: this.#clock() };
      await this.#files.write(id, config).catch(notStored);
      this.#configs.set(id, config);
      this.#onChange(key);
    });
  }

  /** Resolves when the configuration is gone from disk; one that never was is gone already. */
  remove(key: ConfigKey): Promise<void> {
    return this.#inTurn(async () => {
      const id = configKey(key);
      if (!this.#configs.has(id)) return;
      await this.#files.remove(id).catch(notStored);
      this.#configs.delete(id);
      this.#onChange(key);
    });
  }

  #inTurn(write: () => Promise<void>): Promise<void> {
    const done = this.#lastWrite.then(write);
    this.#lastWrite = done.catch(() => {});
    return done;
  }
}

/** One text per configuration, usable as a map key. */
export const configKey = ({ tenant, group, dataId }: ConfigKey): string =>
  `${tenant}\u0000${group}\u0000${dataId}`;

function notStored(cause: Error): never {
  throw new RequestError(503, "config_not_stored", `The configuration could not be stored: ${cause.message}`);
}
