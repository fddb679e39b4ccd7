// JSON on disk with a checksum in it, so that a damaged file is noticed instead of believed.

import { createHash } from "node:crypto";

/** A kept file is not as it was written. */
export class DamagedFile extends Error {
  readonly code = "file_damaged";

  constructor(path: string, reason: string, cause?: unknown) {
    super(`${path} is damaged (${reason})`, { cause });
    this.name = "DamagedFile";
  }
}

/** `value` as JSON text, with a field `checksum` over the rest. */
export function sealed(value: object): string {
  return JSON.stringify({ ...value, checksum: checksumOf(value) });
}

/**
 * The value in `text`, which was read from `path`. A text without a checksum, as earlier versions wrote it, is taken as
 * it is: whoever reads it checks its shape anyway.
 * @throws {DamagedFile} when it is no JSON object, or does not fit its checksum.
 */
export function unsealed(path: string, text: string): object {
  const { checksum, ...value } = parse(path, text);
  if (checksum !== undefined && checksum !== checksumOf(value)) {
    throw new DamagedFile(path, "its checksum does not fit");
  }
  return value;
}

function parse(path: string, text: string): { readonly checksum?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DamagedFile(path, "it is no JSON", cause);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new DamagedFile(path, "it is no JSON object");
}

const checksumOf = (value: object): string =>
  createHash("sha256").update(JSON.stringify(value), "utf8").digest("hex");
