// The SECRET_KEY of a run with DEBUG: made once, so that tokens outlive a restart and all instances agree.

import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unusable } from "../shared/data-folder.ts";

/**
 * The key kept in `folder`, made if there is none. Instances that start at the same moment get the same one.
 * @throws {StartUpError} when the file cannot be read or written.
 */
export function keptSecretKey(folder: string): string {
  const path = join(folder, "secret-key");
  try {
    return read(path) ?? make(path);
  } catch (error) {
    throw unusable(folder, error);
  }
}

function make(path: string): string {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, randomBytes(48).toString("base64url"), { mode: 0o600 });
  try {
    // A link appears whole and only once, so nobody reads a half-written key.
    linkSync(draft, path);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const key = read(path);
  if (key === undefined) throw new Error(`${path} is empty`);
  return key;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

const isCode = (error: unknown, code: string): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === code;
