// Applies the configuration `cfmp-order`: a valid text takes effect at once; an invalid one is refused, and the last valid one stays.

import { createHash } from "node:crypto";
import type { Log } from "../observability/log.ts";
import type { Config } from "./env.ts";
import type { KeptText } from "./kept-text.ts";
import { live, setLive } from "./live.ts";
import { changesBetween, type LiveSettings, liveSettings, parseOverlay } from "./live-schema.ts";

/** The state of the configuration, for `/health/`. */
export interface LiveState {
  /** Source of the settings: published in Nacos, or as a parameter of AWS; saved by an earlier run; or the environment alone. */
  readonly source: Published | "kept" | "environment";
  /** MD5 of the text in effect, as Nacos shows it; null without one. */
  readonly md5: string | null;
  /** True while the published text is invalid. */
  readonly refused: boolean;
}

type Published = "nacos" | "parameter";

export interface LiveConfigOptions {
  readonly config: Config;
  readonly log: Log;
  /** Where texts are published; Nacos by default. */
  readonly published?: Published;
  /** Saves the last valid text for the next start; by default it is not saved. */
  readonly kept?: KeptText | undefined;
  /** Called with the settings whenever they change. */
  readonly onChange?: (settings: LiveSettings) => void;
}

export class LiveConfig {
  readonly #options: LiveConfigOptions;
  #state: LiveState = { source: "environment", md5: null, refused: false };
  /** The last published text, valid or not. */
  #offered: { readonly text: string | undefined } | undefined;

  /** Applies the text saved by an earlier run, until the registry answers. */
  constructor(options: LiveConfigOptions) {
    this.#options = options;
    const text = options.kept?.read();
    if (text !== undefined) this.#take(text, "kept");
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Applies the published text; undefined when nothing is published: then the environment alone counts. */
  offer(text: string | undefined): void {
    if (this.#offered !== undefined && this.#offered.text === text) return;
    this.#offered = { text };
    if (text === undefined) this.#withdraw();
    else this.#take(text, this.#options.published ?? "nacos");
  }

  #take(text: string, source: Published | "kept"): void {
    const { config, log, kept } = this.#options;
    const parsed = parseOverlay(text);
    if ("problems" in parsed) {
      this.#state = { ...this.#state, refused: source !== "kept" };
      log.error(
        { problems: parsed.problems, md5: md5Of(text) },
        `the configuration cfmp-order is refused, the last valid one stays: ${parsed.problems.join("; ")}`,
      );
      return;
    }
    this.#state = { source, md5: md5Of(text), refused: false };
    if (source !== "kept") kept?.write(text);
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

/** The MD5 of a text, as Nacos computes it. */
export const md5Of = (text: string): string => createHash("md5").update(text, "utf8").digest("hex");
