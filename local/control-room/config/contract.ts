// The contract of the live configuration's panel, as api.ts is of the others: types and plain data, no import.

/** GET → {@link LiveConfigView}; 409 `no_registry` where the system has none. POST {@link ConfigRequest} → {@link ConfigOutcome}. */
export const CONFIG_ROUTE = "/api/config";

export interface LiveConfigView {
  readonly document: LiveDocument;
  /** Every setting, with its value in the environment and in the document. */
  readonly settings: readonly SettingView[];
  readonly instances: readonly AppliedConfig[];
}

/** Where it is in Nacos. `content` and `md5` are null where nothing is published. */
export interface LiveDocument {
  readonly registry: string;
  readonly namespace: string;
  readonly group: string;
  readonly data_id: string;
  readonly content: string | null;
  readonly md5: string | null;
  /** Why the system refuses what is published; empty where it does not. */
  readonly problems: readonly string[];
}

export interface SettingView {
  readonly name: string;
  readonly environment: string;
  /** In effect with what is published; null where the document does not change it. */
  readonly document: string | null;
}

/** A runtime, and what it says of its configuration. */
export interface AppliedConfig {
  readonly runtime: string;
  readonly pid: number;
  readonly services: readonly string[];
  readonly source: string | null;
  readonly md5: string | null;
  readonly refused: boolean;
}

export interface ConfigRequest {
  /** The text to be published; null: what is published is removed. */
  readonly content: string | null;
  /** Only checks it. */
  readonly dry_run: boolean;
  /** MD5 of the text that it replaces; 409 `config_changed` where another one is published by now. Not looked at in a dry run. */
  readonly replaces: string | null;
}

export interface ConfigOutcome {
  /** Why it is refused, and was not published; empty where it is valid. */
  readonly problems: readonly string[];
  /** What it changes: `name: old → new`. */
  readonly changes: readonly string[];
  /** Milliseconds from the registry's reply until each runtime had it in effect; null: not within 5 s. Empty in a dry run. */
  readonly applied: readonly (Pick<AppliedConfig, "runtime" | "pid" | "services"> & {
    readonly ms: number | null;
  })[];
}
