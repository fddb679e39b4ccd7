// Whatever happens to a file of the database, a start gives all that was acknowledged or refuses: it never forgets in silence.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ClassicLevel } from "classic-level";
import { seededRandom } from "../../tools/own-system/random.ts";
import type { Level, Write } from "./level.ts";
import { crc32c } from "./leveldb-files/crc32c.ts";
import { uncompressed } from "./leveldb-files/snappy.ts";
import { verifyDatabase } from "./leveldb-files/verify.ts";
import { openLevel } from "./open-level.ts";

const REFUSALS = ["database_corrupt", "database_incomplete"];
/** Of these LevelDB keeps no data. */
const NO_DATA = ["LOCK", "LOG", "LOG.old"];

let folder: string;
let kept: string;
let rows: readonly string[];
/** Whether there is a copy of `kept` that nothing has changed. */
let copied = false;

const open = (path: string, said: string[] = []): Promise<Level> =>
  openLevel(path, (_, message) => said.push(message));
const write = (level: Level, from: number, to: number) =>
  level.batch(
    Array.from(
      { length: to - from },
      (_, n): Write => ({ type: "put", key: `k${from + n}`, value: `v${n}`.repeat(4) }),
    ),
  );

/** All that is stored in a closed folder. */
async function contentOf(path: string): Promise<readonly string[]> {
  const level = new ClassicLevel<string, string>(path);
  const found = await level.iterator().all();
  await level.close();
  return found.map(([key, value]) => `${key}=${value}`);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "damage-"));
  kept = join(folder, "kept");
  // Two runs: the first one's writes are in a table, the second one's in the log.
  for (const from of [0, 6]) {
    const level = await open(kept);
    for (let n = from; n < from + 6; n += 2) await write(level, n, n + 2);
    await level.close();
  }
  const copy = join(folder, "copy");
  cpSync(kept, copy, { recursive: true });
  rows = await contentOf(copy);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Opens a copy after `damage` was done to it. */
async function outcome(damage: (path: string) => void): Promise<string> {
  const path = join(folder, "damaged");
  if (!copied) {
    rmSync(path, { recursive: true, force: true });
    cpSync(kept, path, { recursive: true });
  }
  damage(path);
  copied = false;
  try {
    await (await open(path)).close();
  } catch (error) {
    return String(Object(error).code);
  }
  expect(await contentOf(path)).toEqual(rows);
  return "whole";
}

/** {@link outcome} of a changed file. What is refused as damaged was left as it was, so the copy can be used again. */
async function outcomeOf(name: string, change: (bytes: Buffer) => Buffer): Promise<string> {
  const bytes = readFileSync(join(kept, name));
  const result = await outcome((path) => writeFileSync(join(path, name), change(Buffer.from(bytes))));
  if (result === "database_corrupt") {
    writeFileSync(join(folder, "damaged", name), bytes);
    copied = true;
  }
  return result;
}

describe("a database of which", () => {
  const files = () => readdirSync(kept).filter((name) => !NO_DATA.includes(name));

  test("any byte is changed is refused, or whole", async () => {
    const outcomes = new Map<string, number>();
    for (const name of files()) {
      const { length } = readFileSync(join(kept, name));
      for (let at = 0; at < length; at += 1) {
        const result = await outcomeOf(name, (bytes) => {
          bytes[at] = (bytes[at] ?? 0) ^ 0x10;
          return bytes;
        });
        expect(["whole", ...REFUSALS]).toContain(result);
        outcomes.set(result, (outcomes.get(result) ?? 0) + 1);
      }
    }
    expect(outcomes.get("database_corrupt")).toBeGreaterThan(500);
  });

  test("any file is cut off anywhere is refused, or whole", async () => {
    const outcomes = new Set<string>();
    for (const name of files()) {
      const { length } = readFileSync(join(kept, name));
      for (let end = 0; end < length; end += 1) {
        const result = await outcomeOf(name, (bytes) => bytes.subarray(0, end));
        expect(["whole", ...REFUSALS]).toContain(result);
        outcomes.add(result);
      }
    }
    expect(outcomes).toContain("database_incomplete");
  });

  test("any file is missing is refused, or whole", async () => {
    for (const name of files()) {
      const result = await outcome((path) => rmSync(join(path, name)));
      expect({ name, result }).toEqual({
        name,
        result: name === "acknowledged" ? "whole" : expect.stringMatching(/^database_/),
      });
    }
  });

  test("a file without data is damaged, empty or missing is whole", async () => {
    for (const name of NO_DATA) {
      for (const bytes of [Buffer.alloc(0), Buffer.alloc(5_000, 0xff)]) {
        expect(await outcome((path) => writeFileSync(join(path, name), bytes))).toBe("whole");
      }
      expect(await outcome((path) => rmSync(join(path, name), { force: true }))).toBe("whole");
    }
  });

  test("all files but the count of what was acknowledged are missing is refused", async () => {
    const result = await outcome((path) => {
      for (const name of readdirSync(path)) if (name !== "acknowledged") rmSync(join(path, name));
    });
    expect(result).toBe("database_incomplete");
  });

  test("something is damaged is left as it is, for a copy to be put back", async () => {
    const [name = ""] = files().filter((each) => each.endsWith(".log"));
    const damaged = join(folder, "damaged");
    await outcome((path) => rmSync(join(path, name)));
    const left = readdirSync(damaged).filter((each) => !NO_DATA.includes(each));
    expect(left).toEqual(files().filter((each) => each !== name));
    cpSync(join(kept, name), join(damaged, name));
    await (await open(damaged)).close();
    expect(await contentOf(damaged)).toEqual(rows);
  });

  test("the end was lost goes on without it once that was accepted", async () => {
    const path = join(folder, "damaged");
    const [name = ""] = files().filter((each) => each.endsWith(".log"));
    expect(await outcome((each) => truncateSync(join(each, name), 100))).toBe("database_incomplete");
    rmSync(join(path, "acknowledged"));
    const level = await open(path);
    await write(level, 90, 91);
    await level.close();
    await (await open(path)).close();
    expect(await contentOf(path)).toContain(`k90=${"v0".repeat(4)}`);
  });

  test("the count of what was acknowledged is damaged says so, and counts anew", async () => {
    await outcome((path) => truncateSync(join(path, "acknowledged"), 0));
    const said: string[] = [];
    const path = join(folder, "damaged");
    truncateSync(join(path, "acknowledged"), 0);
    await (await open(path, said)).close();
    expect(said).toEqual([expect.stringMatching(/damaged/)]);
    await (await open(path, said)).close();
    expect(said).toHaveLength(1);
  });
});

describe("what LevelDB writes", () => {
  test("is found whole, whatever its size and form", async () => {
    const random = seededRandom(11);
    const path = join(folder, "large");
    let level = await open(path);
    // Some of it can be compressed, some not.
    const characters = Array.from({ length: 100_000 }, () =>
      random() < 0.8 ? "abc" : String.fromCodePoint(32 + Math.floor(random() * 50_000)),
    ).join("");
    const text = (length: number) => {
      const from = Math.floor(random() * 60_000);
      return characters.slice(from, from + length);
    };
    for (let n = 0; n < 60; n += 1) {
      // From nothing to several of the log's blocks of 32 KiB.
      const writes = Array.from(
        { length: 20 },
        (_, m): Write => ({
          type: "put",
          key: `${n % 30}/${m}`,
          value: text(Math.floor(random() ** 4 * 40_000)),
        }),
      );
      await level.batch(writes);
      if (n % 20 !== 19) continue;
      // Opening makes a table of what the log holds.
      await level.close();
      expect(await verifyDatabase(path)).toBe(true);
      level = await open(path);
    }
    await level.close();
    expect(readdirSync(path).filter((name) => name.endsWith(".ldb")).length).toBeGreaterThan(1);
    expect(await verifyDatabase(path)).toBe(true);
    const tables = readdirSync(path).filter((name) => name.endsWith(".ldb"));
    for (let n = 0; n < 100; n += 1) {
      const file = join(path, tables[n % tables.length] ?? "");
      const bytes = readFileSync(file);
      // Up to the footer, of which not every byte means something.
      const at = Math.floor(random() * (bytes.length - 48));
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (n % 8));
      writeFileSync(file, damaged);
      await expect(verifyDatabase(path)).rejects.toThrow(/\.ldb: /);
      writeFileSync(file, bytes);
    }
  });

  test("has checksums as in RFC 3720, B.4", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from("xx123456789x"), 2, 11)).toBe(0xe3069283);
  });

  test("is uncompressed as Snappy's description says", () => {
    // Literals with a length in the tag, and behind it; copies of all three kinds, also of what is being written.
    const literal = Buffer.concat([
      Buffer.from([100, 60 << 2, 59]),
      Buffer.alloc(60, "a"),
      Buffer.from([(39 << 2) | 2, 60, 0]),
    ]);
    expect(uncompressed(literal).toString()).toBe("a".repeat(100));
    expect(uncompressed(Buffer.from([9, 2 << 2, 97, 98, 99, (2 << 2) | 1, 3])).toString()).toBe("abcabcabc");
    expect(uncompressed(Buffer.from([4, 0, 97, (2 << 2) | 3, 1, 0, 0, 0])).toString()).toBe("aaaa");
    for (const wrong of [
      [5, 0, 97],
      [4, 0, 97, (2 << 2) | 3, 2, 0, 0, 0],
      [1, 4, 97, 98],
      [3, 0, 97, 0],
    ]) {
      expect(() => uncompressed(Buffer.from(wrong))).toThrow();
    }
  });
});
