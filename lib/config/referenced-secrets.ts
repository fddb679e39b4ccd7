// Keeps the settings that are references up to date with the secrets that they name.

import { unavailable } from "../core/domain-error.ts";
import { waitAtMost } from "../core/wait-at-most.ts";
import type { Environment } from "./environment.ts";
import { referencesIn, withSecrets } from "./references.ts";

/** Milliseconds after which secrets are read again: a changed one takes effect this late at most, at a function's next run. */
export const SECRETS_FOR_MS = 5 * 60_000;
/** After a failure, while the values read before stay in use. */
const AGAIN_AFTER_MS = 30_000;
/** How long a run waits for a refresh. A slower one is for later runs. */
const REFRESH_WITHIN_MS = 2_000;

type LogEntry = (details: object, text: string) => void;

export interface SecretPorts {
  /** The environment with the references. */
  readonly env: Environment;
  /** The values of references, by their texts. */
  read(references: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Takes the settings with their values, when they are new. */
  put(settings: Environment): void;
  readonly log: { readonly info: LogEntry; readonly warn: LogEntry; readonly error: LogEntry };
  /** Epoch milliseconds: a frozen process's monotonic clock may stand still. */
  readonly now: () => number;
}

export class ReferencedSecrets {
  readonly #ports: SecretPorts;
  /** The settings with references, by name. */
  readonly #settings: readonly (readonly [name: string, text: string])[];
  #values: string | undefined;
  #readAt = 0;
  #freshForMs = 0;
  #reading: Promise<void> | undefined;

  constructor(ports: SecretPorts) {
    this.#ports = ports;
    this.#settings = Object.entries(ports.env).flatMap(([name, text = ""]) =>
      referencesIn(text).length === 0 ? [] : [[name, text] as const],
    );
  }

  /**
   * What a run has to await before it reads settings; undefined when nothing. Rejects with a `DomainError` (unavailable
   * `settings_unavailable`) when secrets were never read and can't be; the next call tries again. Later it never rejects, and waits
   * for two seconds at most: the values read before stay in use until new ones are known.
   */
  fresh(): Promise<void> | undefined {
    if (this.#settings.length === 0) return undefined;
    const known = this.#values !== undefined;
    const age = Math.abs(this.#ports.now() - this.#readAt);
    if (known && age < this.#freshForMs) return undefined;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return known ? waitAtMost(REFRESH_WITHIN_MS, this.#reading) : this.#reading;
  }

  async #read(): Promise<void> {
    const { read, put, log, now } = this.#ports;
    try {
      const values = await read(this.#settings.flatMap(([, text]) => referencesIn(text)));
      this.#settle(now(), SECRETS_FOR_MS);
      const settings = this.#settings.map(([name, text]) => [name, withSecrets(text, values)] as const);
      const all = JSON.stringify(settings);
      if (all === this.#values) return;
      if (this.#values !== undefined)
        log.info({ settings: settings.map(([name]) => name) }, "a secret has changed");
      this.#values = all;
      put(Object.fromEntries(settings));
    } catch (error) {
      const names = this.#settings.map(([name]) => name);
      if (this.#values !== undefined) {
        this.#settle(now(), AGAIN_AFTER_MS);
        log.warn(
          { err: error, settings: names },
          "secrets can't be read again; those read before stay in use",
        );
        return;
      }
      log.error({ err: error, settings: names }, "secrets can't be read");
      throw unavailable("settings_unavailable", "The service can't read its settings now; try again.");
    }
  }

  #settle(at: number, freshForMs: number): void {
    this.#readAt = at;
    this.#freshForMs = freshForMs;
  }
}
