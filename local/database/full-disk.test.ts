// LevelDB's own files cannot be written at the worst moments: when the store is opened, and when a log becomes a table. A
// folder stands in the place of the file to be, since a full disk can't be had here: LevelDB fails in the same place.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { seededRandom } from "../../tools/own-system/random.ts";
import type { Level } from "./level.ts";
import { openLevel } from "./open-level.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "full-disk-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = (path: string): Promise<Level> => openLevel(path, () => {});
const put = (level: Level, key: string, value: string) => level.batch([{ type: "put", key, value }]);
/** Text that cannot be compressed. */
const random = seededRandom(5);
const text = (length: number) =>
  Array.from({ length }, () => Math.floor(random() * 36).toString(36)).join("");

/** What LevelDB calls its files, by the number that it gives each. */
const NAMES: Readonly<Record<string, (number: string) => string>> = {
  table: (number) => `${number}.ldb`,
  log: (number) => `${number}.log`,
  manifest: (number) => `MANIFEST-${number}`,
  "CURRENT to be": (number) => `${number}.dbtmp`,
};

/** Puts folders where the next files of this `kind` would be. */
function block(path: string, kind: string): readonly string[] {
  const numbers = readdirSync(path).map((name) => Number(/\d+/.exec(name)?.[0] ?? 0));
  const next = Math.max(...numbers) + 1;
  const folders = Array.from({ length: 20 }, (_, n) =>
    join(path, NAMES[kind]?.(String(next + n).padStart(6, "0")) ?? ""),
  );
  for (const each of folders) mkdirSync(each);
  return folders;
}

const clear = (folders: readonly string[]) => {
  for (const each of folders) rmSync(each, { recursive: true });
};

test.each(Object.keys(NAMES))(
  "a store that cannot write its %s when it is opened is refused, and whole when it can",
  async (kind) => {
    const kept = join(folder, `kept ${kind}`);
    const level = await open(kept);
    const rows = Array.from({ length: 40 }, (_, n) => [`key ${n}`, text(1_000)] as const);
    for (const [key, value] of rows) await put(level, key, value);
    await level.close();
    const path = join(folder, `copy ${kind}`);
    cpSync(kept, path, { recursive: true });
    const folders = block(path, kind);
    for (let tries = 0; tries < 3; tries += 1) {
      await expect(open(path)).rejects.toMatchObject({
        code: "database_path_unusable",
        message: expect.stringMatching(/DATA_DIR/),
      });
    }
    clear(folders);
    const again = await open(path);
    expect(rows.map(([key]) => again.getSync(key))).toEqual(rows.map(([, value]) => value));
    await put(again, "more", "written");
    await again.close();
  },
);

test("a store that cannot make a table of its log takes no writes until it can, and has all that were acknowledged", async () => {
  const path = join(folder, "compaction");
  let level = await open(path);
  const acknowledged = new Map<string, string>();
  const value = text(100_000);
  /** Until one is refused: LevelDB makes a table of some 16 MB, and does not go on past another 16 MB while it can't. */
  async function fill(from: number): Promise<number> {
    for (let n = from; n < from + 400; n += 1) {
      const [key, content] = [`key ${n}`, `${n} ${value}`];
      try {
        await put(level, key, content);
        acknowledged.set(key, content);
      } catch {
        return n;
      }
    }
    throw new Error("None was refused");
  }
  await put(level, "key", "first");
  const folders = block(path, "table");
  const refused = await fill(0);
  expect(refused).toBeGreaterThan(30);
  await expect(put(level, "later", "refused too")).rejects.toThrow("its disk fails");
  expect(level.writeFailure).toBeDefined();
  clear(folders);
  await until("it works again", () => level.writeFailure === undefined);
  await put(level, "last", "written");
  acknowledged.set("last", "written");
  await level.close();
  level = await open(path);
  for (const [key, content] of acknowledged) expect(level.getSync(key)).toBe(content);
  expect(level.getSync("later")).toBeUndefined();
  await level.close();
});
