// Takes a backup of the running embedded database into a file.

import { createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { FILE_MODE } from "../../lib/files/private-folder.ts";
import { replaceablePath } from "../../lib/files/replace-file.ts";
import { DamagedBackup, rowsOf } from "../../local/database/backup-format.ts";
import { BACKUP_PATH } from "../../local/database/upkeep-paths.ts";

/**
 * Writes a backup to `file`, which only its owner can read; resolves with the number of its rows when it is there, whole and checked. A
 * file of that name is replaced then, and not before; where it is a link, what that leads to.
 * @param url of the embedded database.
 * @throws {DamagedBackup} when the database broke off, or is another's. `NoRegularFile` for a device, say. The system's error when it does not answer, or for a file that
 * can't be written.
 */
export async function takeBackup(url: string, file: string): Promise<number> {
  const place = replaceablePath(file);
  const part = `${place}.part`;
  try {
    const reply = await opened(new URL(BACKUP_PATH, url));
    await pipeline(reply, createWriteStream(part, { mode: FILE_MODE, flush: true })).catch(
      (cause: unknown) => {
        if (reply.complete) throw cause;
        throw new DamagedBackup("the database broke off");
      },
    );
    const rows = await countOf(part);
    await rename(part, place);
    return rows;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Reads the whole file as a restore does. @throws {DamagedBackup} */
async function countOf(file: string): Promise<number> {
  const handle = await open(file);
  try {
    let rows = 0;
    for await (const _ of rowsOf(handle.readLines({ autoClose: false }))) rows += 1;
    return rows;
  } finally {
    await handle.close();
  }
}

function opened(url: URL): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, resolve).on("error", reject);
  });
}
