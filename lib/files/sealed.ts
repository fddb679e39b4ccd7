// JSON files with a checksum, so that a damaged file is detected.

import { createHash } from "node:crypto";

/** A file's content is not what was written. */
export class DamagedFile extends Error {
  readonly code = "file_damaged";

  constructor(path: string, reason: string, cause?: unknown) {
    super(`${path} is damaged (${reason})`, { cause });
    this.name = "DamagedFile";
  }
}

/** `value` as JSON text, with a field `checksum` over all other fields. */
export function sealed(value: object): string {
  return JSON.stringify({ ...value, checksum: checksumOf(value) });
}

/**
 * The value in `text`, which was read from `path`. A text without a checksum, as earlier versions wrote it, is accepted:
 * the caller validates the value's shape in any case.
 * @throws {DamagedFile} when `text` is not a JSON object, or its checksum does not match.
 */
export function unsealed(path: string, text: string): object {
  const { checksum, ...value } = parse(path, text);
  if (checksum !== undefined && checksum !== checksumOf(value)) {
    throw new DamagedFile(path, "its checksum does not match");
  }
  return value;
}

function parse(path: string, text: string): { readonly checksum?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DamagedFile(path, "it is not JSON", cause);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new DamagedFile(path, "it is not a JSON object");
}

const checksumOf = (value: object): string =>
  createHash("sha256").update(JSON.stringify(value), "utf8").digest("hex");
