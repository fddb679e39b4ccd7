// Everything that the files of an embedded database hold, as text to search in: what was overwritten or deleted, and is still
// there, included.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { logRecords } from "../../local/database/leveldb-files/log-records.ts";
import { tableRows } from "../../local/database/leveldb-files/table-file.ts";

/** The files of the folder by their names, unpacked: keys in full, blocks uncompressed. */
export async function databaseFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder);
  return new Map(await Promise.all(names.map(async (name) => [name, await textOf(folder, name)] as const)));
}

async function textOf(folder: string, name: string): Promise<string> {
  // A file that was merged into another one is gone meanwhile.
  const bytes = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
  if (/\.(ldb|sst)$/.test(name) && bytes.length > 0)
    return [...tableRows(bytes)].flat().map(String).join("\n");
  if (/\.log$/.test(name)) return [...logRecords(bytes)].map(String).join("\n");
  return bytes.toString("utf8");
}

/** The files in which `text` is, as it stands or in a key, where it is in hex. */
export const filesWith = (files: ReadonlyMap<string, string>, text: string): readonly string[] => {
  const hex = Buffer.from(text, "utf8").toString("hex");
  return [...files].flatMap(([name, content]) =>
    content.includes(text) || content.includes(hex) ? [name] : [],
  );
};
