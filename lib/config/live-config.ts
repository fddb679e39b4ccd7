// Takes what is published as `cfmp-order`: a valid text counts at once, an invalid one is refused, the last good one stays.

import { createHash } from "node:crypto";
import type { Log } from "../observability/log.ts";
import type { Config } from "./env.ts";
import type { KeptText } from "./kept-text.ts";
import { live, setLive } from "./live.ts";
import { changesBetween, type LiveSettings, liveSettings, parseOverlay } from "./live-schema.ts";

/** How the configuration stands, for `/health/`. */
export interface LiveState {
  /** Where the settings come from: published, kept from an earlier run, or the environment alone. */
  readonly source: "nacos" | "kept" | "environment";
  /** MD5 of the text that counts, as Nacos shows it; null without one. */
  readonly md5: string | null;
  /** True while what is published is not acceptable. */
  readonly refused: boolean;
}

export interface LiveConfigOptions {
  readonly config: Config;
  readonly log: Log;
  /** Where the last good text outlives the process; nowhere without it. */
  readonly kept?: KeptText | undefined;
  /** Called with the settings whenever they change. */
  readonly onChange?: (settings: LiveSettings) => void;
}

export class LiveConfig {
  readonly #options: LiveConfigOptions;
  #state: LiveState = { source: "environment", md5: null, refused: false };
  /** What was published last, good or not. */
  #offered: { readonly text: string | undefined } | undefined;

  /** Settings of an earlier run count until the registry answers. */
  constructor(options: LiveConfigOptions) {
    this.#options = options;
    const text = options.kept?.read();
    if (text !== undefined) this.#take(text, "kept");
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Takes what is published now; undefined when nothing is, then the environment alone counts. */
  offer(text: string | undefined): void {
    if (this.#offered !== undefined && this.#offered.text === text) return;
    this.#offered = { text };
    if (text === undefined) this.#withdraw();
    else this.#take(text, "nacos");
  }

  #take(text: string, source: "nacos" | "kept"): void {
    const { config, log, kept } = this.#options;
    const parsed = parseOverlay(text);
    if ("problems" in parsed) {
      this.#state = { ...this.#state, refused: source === "nacos" };
      log.error(
        { problems: parsed.problems, md5: md5Of(text) },
        `the configuration cfmp-order is refused, the last good one stays: ${parsed.problems.join("; ")}`,
      );
      return;
    }
    this.#state = { source, md5: md5Of(text), refused: false };
    if (source === "nacos") kept?.write(text);
    this.#apply(liveSettings(config, parsed.overlay), source);
  }

  #withdraw(): void {
    const { config, kept } = this.#options;
    this.#state = { source: "environment", md5: null, refused: false };
    kept?.write(undefined);
    this.#apply(liveSettings(config), "environment");
  }

  #apply(settings: LiveSettings, source: LiveState["source"]): void {
    const changes = changesBetween(live(), settings);
    if (changes.length === 0) return;
    setLive(settings);
    this.#options.onChange?.(settings);
    const { md5 } = this.#state;
    this.#options.log.info({ changes, source, md5 }, `configuration changed: ${changes.join(", ")}`);
  }
}

/** As Nacos counts it. */
export const md5Of = (text: string): string => createHash("md5").update(text, "utf8").digest("hex");
