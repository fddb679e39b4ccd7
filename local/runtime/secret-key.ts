// The SECRET_KEY of a run with DEBUG: made once, so that tokens outlive a restart and all instances agree.

import { createHash, randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FILE_MODE } from "../../lib/files/private-folder.ts";
import { codeOf, isMissing } from "../../lib/files/system-error.ts";
import { unusable } from "../shared/data-folder.ts";
import { StartUpError } from "../shared/start-up-error.ts";

/** A key ends in its own checksum; those of earlier versions have none. The whole text is the key. */
const KEY = /^(?:(?<random>k1\.[\w-]{64})\.(?<checksum>[0-9a-f]{16})|[\w-]{64})$/;

/**
 * The key kept in `folder`, made if there is none. Instances that start at the same moment get the same one.
 * @throws {StartUpError} when the file cannot be read or written, or is damaged: another key would end every token.
 */
export function keptSecretKey(folder: string): string {
  const path = join(folder, "secret-key");
  try {
    return read(path) ?? make(path);
  } catch (error) {
    throw error instanceof StartUpError ? error : unusable(folder, error);
  }
}

function make(path: string): string {
  const draft = `${path}.${process.pid}`;
  const random = `k1.${randomBytes(48).toString("base64url")}`;
  try {
    writeFileSync(draft, `${random}.${checksumOf(random)}`, { mode: FILE_MODE, flush: true });
    // A link appears whole and only once, so nobody reads a half-written key.
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const key = read(path);
  if (key === undefined) throw new Error(`${path} is gone again`);
  return key;
}

function read(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const found = KEY.exec(text);
  const { random, checksum } = found?.groups ?? {};
  if (found && (random === undefined || checksum === checksumOf(random))) return text;
  throw new StartUpError(
    "secret_key_damaged",
    `The key in ${path} is damaged. Put a copy of it back, or remove the file: a new one is made then, and tokens signed with the old one count no more.`,
  );
}

const checksumOf = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 16);
