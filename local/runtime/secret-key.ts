// The SECRET_KEY of a run with DEBUG: generated once and stored, so that tokens survive a restart and all instances share it.

import { createHash, randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FILE_MODE } from "../../lib/files/private-folder.ts";
import { codeOf, isMissing } from "../../lib/files/system-error.ts";
import { unusable } from "../shared/data-folder.ts";
import { StartUpError } from "../shared/start-up-error.ts";

/** A key ends with its checksum; keys of earlier versions have none. The whole text is the key. */
const KEY = /^(?:(?<random>k1\.[\w-]{64})\.(?<checksum>[0-9a-f]{16})|[\w-]{64})$/;

/**
 * The key stored in `folder`, generated if there is none. Instances that start at the same time get the same one.
 * @throws {StartUpError} when the file can't be read or written, or is damaged: a new key would invalidate every token.
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
    // A hard link is created atomically and only once, so nobody reads an incomplete key.
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const key = read(path);
  if (key === undefined) throw new Error(`${path} was removed by another process`);
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
    `The key in ${path} is damaged. Restore a copy of it, or remove the file: a new key is then generated, and tokens signed with the old one are no longer valid.`,
  );
}

const checksumOf = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 16);
