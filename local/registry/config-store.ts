// Published configurations: in memory for reading, each in a file of its own for the next start.

import { type ConfigFiles, fileOf } from "./config-files.ts";
import { RegistryFull, RequestError } from "./request-error.ts";
import { type ConfigKey, configKey, md5Of, type StoredConfig } from "./stored-config.ts";

const MAX_CONFIGS = 10_000;
/** Characters of all contents together, which are kept in memory. */
const MAX_CHARACTERS = 128 * 1024 * 1024;
const TYPES = new Set(["text", "json", "xml", "yaml", "html", "properties", "toml"]);

export class ConfigStore {
  readonly #files: ConfigFiles;
  readonly #clock: () => number;
  readonly #onChange: (key: ConfigKey) => void;
  readonly #maxCharacters: number;
  readonly #configs = new Map<string, StoredConfig>();
  /** Characters of all contents. */
  #characters = 0;
  /** Damaged files: their content is unknown, which is not the same as none. */
  #damaged = new Set<string>();
  /** The last write: writes run one after the other, so that the file of a key always holds its latest publication. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  private constructor(
    files: ConfigFiles,
    clock: () => number,
    onChange: (key: ConfigKey) => void,
    maxCharacters: number,
  ) {
    this.#maxCharacters = maxCharacters;
    this.#files = files;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** A store with everything the files hold. `onChange` is called once a change is on disk and readable. */
  static async open(
    files: ConfigFiles,
    clock: () => number,
    onChange: (key: ConfigKey) => void,
    maxCharacters = MAX_CHARACTERS,
  ): Promise<ConfigStore> {
    const store = new ConfigStore(files, clock, onChange, maxCharacters);
    const { configs, damaged } = await files.readAll();
    for (const config of configs) store.#keep(config);
    store.#damaged = new Set(damaged);
    return store;
  }

  /** The configuration of `key`. @throws {RequestError} 503 when its file is damaged, so that clients keep their earlier copy. */
  get(key: ConfigKey): StoredConfig | undefined {
    if (this.#isDamaged(key)) throw damagedConfig(key);
    return this.#configs.get(configKey(key));
  }

  /** Every configuration that can be read. */
  all(): Iterable<StoredConfig> {
    return this.#configs.values();
  }

  /** Whether the published content differs from the one with this MD5; an empty MD5 stands for no content. */
  differs(key: ConfigKey, md5: string): boolean {
    return !this.#isDamaged(key) && (this.get(key)?.md5 ?? "") !== md5;
  }

  /**
   * Resolves when the configuration is on disk. A `type` that Nacos does not know counts as text.
   * @param casMd5 MD5 that the present content must have, if there is any; undefined or empty to replace whatever there is.
   * @throws {RegistryFull} when there is no room for another.
   * @throws {RequestError} when the present content has another MD5.
   */
  publish(key: ConfigKey, content: string, wanted: string | undefined, casMd5?: string): Promise<void> {
    const type = wanted !== undefined && TYPES.has(wanted) ? wanted : "text";
    return this.#inTurn(async () => {
      const id = configKey(key);
      const present = this.#configs.get(id);
      if (present === undefined && this.#configs.size >= MAX_CONFIGS) throw new RegistryFull();
      const more = content.length - (present?.content.length ?? 0);
      if (more > 0 && this.#characters + more > this.#maxCharacters) throw new RegistryFull();
      if (casMd5 && present !== undefined && present.md5 !== casMd5) throw casFailed();
      const config = { ...key, content, type, md5: md5Of(content), modifiedAt: this.#clock() };
      await this.#files.write(id, config).catch(notStored);
      this.#damaged.delete(fileOf(id));
      this.#keep(config);
      this.#onChange(key);
    });
  }

  /** Removes a configuration; resolves when its file is gone, also when there was none. */
  remove(key: ConfigKey): Promise<void> {
    return this.#inTurn(async () => {
      const id = configKey(key);
      if (!this.#configs.has(id) && !this.#isDamaged(key)) return;
      await this.#files.remove(id).catch(notStored);
      this.#damaged.delete(fileOf(id));
      this.#forget(id);
      this.#onChange(key);
    });
  }

  #keep(config: StoredConfig): void {
    const id = configKey(config);
    this.#forget(id);
    this.#configs.set(id, config);
    this.#characters += config.content.length;
  }

  #forget(id: string): void {
    this.#characters -= this.#configs.get(id)?.content.length ?? 0;
    this.#configs.delete(id);
  }

  #isDamaged(key: ConfigKey): boolean {
    return this.#damaged.size > 0 && this.#damaged.has(fileOf(configKey(key)));
  }

  #inTurn(write: () => Promise<void>): Promise<void> {
    const done = this.#lastWrite.then(write);
    this.#lastWrite = done.catch(() => {});
    return done;
  }
}

const damagedConfig = ({ group, dataId }: ConfigKey): RequestError =>
  new RequestError(
    503,
    "config_damaged",
    `The file of the configuration ${dataId} in ${group} is damaged. Publish it again, or remove it.`,
  );

const casFailed = (): RequestError =>
  new RequestError(500, "config_cas_failed", "Cas publish fail, server md5 may have changed.");

function notStored(cause: Error): never {
  throw new RequestError(503, "config_not_stored", `The configuration could not be stored: ${cause.message}`);
}
