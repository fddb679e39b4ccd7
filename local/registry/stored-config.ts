// A published configuration, as it is kept in memory and on disk.

import { createHash } from "node:crypto";
import type { StoredConfig } from "./config-file.ts";

export type { StoredConfig };

export interface ConfigKey {
  readonly tenant: string;
  readonly group: string;
  readonly dataId: string;
}

/** One text per configuration, usable as a map key. */
export const configKey = ({ tenant, group, dataId }: ConfigKey): string =>
  `${tenant}\u0000${group}\u0000${dataId}`;

/** Hex MD5 of a configuration's content. */
export const md5Of = (content: string): string => createHash("md5").update(content, "utf8").digest("hex");

/** The number that Nacos would give the configuration, as text: here the same for the same key. */
export const configId = (key: ConfigKey): string =>
  createHash("sha256").update(configKey(key)).digest().readUIntBE(0, 6).toString();
