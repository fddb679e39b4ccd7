// The file of a backup: a line that says what it is, one for each row of the store, and one by which it is known to be whole.

import { createHash } from "node:crypto";
import { parseJson, parseJsonObject } from "../../lib/core/tried.ts";

/** A row of the store. */
export type Row = readonly [key: string, value: string];

/** The file is no backup, or not a whole one. */
export class DamagedBackup extends Error {
  readonly code = "backup_damaged";

  constructor(reason: string) {
    super(`This is not a whole backup: ${reason}. Take another one.`);
    this.name = "DamagedBackup";
  }
}

const FORMAT = JSON.stringify({ backup: "cfmp-order", format: 1 });

/** The lines of a backup of `rows`, in pieces of many lines. */
export async function* linesOf(rows: AsyncIterable<readonly Row[]>): AsyncGenerator<string> {
  const hash = createHash("sha256");
  let count = 0;
  yield `${FORMAT}\n`;
  for await (const some of rows) {
    const text = some.map((row) => `${JSON.stringify(row)}\n`).join("");
    hash.update(text);
    count += some.length;
    yield text;
  }
  yield `${JSON.stringify({ rows: count, sha256: hash.digest("hex") })}\n`;
}

/** The rows in the lines of a backup. Those that were given are right only if it ends. @throws {DamagedBackup} */
export async function* rowsOf(lines: AsyncIterable<string>): AsyncGenerator<Row> {
  const hash = createHash("sha256");
  let count = 0;
  let line = -1;
  let isWhole = false;
  for await (const text of lines) {
    line += 1;
    if (line === 0 && text !== FORMAT)
      throw new DamagedBackup("it begins otherwise, or another version has made it");
    if (line === 0) continue;
    if (isWhole) throw new DamagedBackup("there is something after its end");
    const row = rowIn(text);
    if (row === undefined) {
      const { rows, sha256 } = parseJsonObject(text) ?? {};
      if (rows !== count || sha256 !== hash.digest("hex"))
        throw new DamagedBackup(`line ${line + 1} is wrong`);
      isWhole = true;
      continue;
    }
    hash.update(`${text}\n`);
    count += 1;
    yield row;
  }
  if (!isWhole) throw new DamagedBackup("its end is missing");
}

function rowIn(text: string): Row | undefined {
  const value = parseJson(text);
  if (!Array.isArray(value)) return undefined;
  const [key, content]: unknown[] = value;
  return typeof key === "string" && typeof content === "string" ? [key, content] : undefined;
}
