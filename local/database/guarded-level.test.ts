import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { DISK_FAULTS, FaultyDisk } from "../../tests/support/faulty-disk.ts";
import { until } from "../../tests/support/poll.ts";
import { openGuarded } from "./guarded-level.ts";
import type { Level } from "./level.ts";

let folder: string;
let level: Level | undefined;
let said: string[];
const log = (_: string, message: string) => said.push(message);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "guarded-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => level?.close());

let paths = 0;
/** A store of its own, whose `n`th write from now on fails. */
async function open(disk: FaultyDisk): Promise<{ path: string; level: Level }> {
  paths += 1;
  said = [];
  const path = join(folder, String(paths));
  level = await openGuarded(path, log, disk);
  return { path, level };
}
const put = (key: string) =>
  level?.batch([{ type: "put", key, value: `value of ${key}` }]) ?? Promise.reject();
const works = () => until("it works again", () => level?.writeFailure === undefined);

/** Which of `keys` are stored, after the process would have been killed here. */
async function storedAfterKill(path: string, keys: readonly string[]): Promise<readonly string[]> {
  await level?.close();
  level = await openGuarded(path, log);
  return keys.filter((key) => level?.getSync(key) === `value of ${key}`);
}

describe.each(DISK_FAULTS)("a store whose disk fails in a write (%s)", (fault) => {
  test.each([1, 2, 5])(
    "at write %i accepts none until it is reopened, and has all acknowledged ones",
    async (at) => {
      let n = 0;
      const disk = new FaultyDisk(() => (++n === at ? fault : undefined));
      const { path } = await open(disk);
      const acknowledged: string[] = [];
      const refused: string[] = [];
      const attempt = (key: string) =>
        put(key).then(
          () => acknowledged.push(key),
          () => refused.push(key),
        );
      for (const key of ["a", "b", "c", "d", "e", "f"]) await attempt(key);
      expect(refused).toHaveLength(7 - at);
      expect(level?.writeFailure).toMatch(/no space left|disk fails/);
      // It can be read all the while.
      expect(acknowledged.map((key) => level?.getSync(key))).toEqual(
        acknowledged.map((key) => `value of ${key}`),
      );
      expect(said).toEqual([expect.stringMatching(/^the database accepts no writes/)]);
      disk.mend();
      await works();
      for (const key of ["g", "h"]) await attempt(key);
      expect(acknowledged.slice(-2)).toEqual(["g", "h"]);
      expect(said.at(-1)).toMatch(/has all acknowledged writes/);
      expect(await storedAfterKill(path, acknowledged)).toEqual(acknowledged);
      // Nobody was told whether it is there; but nothing that was refused afterwards is.
      expect(await storedAfterKill(path, refused.slice(1))).toEqual([]);
    },
  );

  test("acknowledges none of many writes that wait when it fails", async () => {
    let n = 0;
    const disk = new FaultyDisk(() => (++n === 3 ? fault : undefined));
    const { path } = await open(disk);
    const keys = Array.from({ length: 10 }, (_, index) => `k${index}`);
    const outcomes = await Promise.allSettled(keys.map(put));
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...Array(2).fill("fulfilled"),
      ...Array(8).fill("rejected"),
    ]);
    disk.mend();
    await works();
    expect(await storedAfterKill(path, keys.slice(0, 2))).toEqual(["k0", "k1"]);
    expect(await storedAfterKill(path, keys.slice(3))).toEqual([]);
  });

  test("and again while it recovers", async () => {
    let n = 0;
    const disk = new FaultyDisk(() => (++n % 2 === 0 ? fault : undefined));
    const { path } = await open(disk);
    const acknowledged: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      for (const key of [`${round}a`, `${round}b`, `${round}c`])
        await put(key).then(
          () => acknowledged.push(key),
          () => {},
        );
      disk.mend();
      await works();
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(5);
    expect(await storedAfterKill(path, acknowledged)).toEqual(acknowledged);
  });
});

describe("a store that failed", () => {
  const failsOnce = () => {
    let n = 0;
    return new FaultyDisk(() => (++n === 2 ? "torn" : undefined));
  };

  test("and whose files are damaged by then is not opened again, and says so", async () => {
    const disk = failsOnce();
    const { path } = await open(disk);
    await put("a");
    await expect(put("b")).rejects.toThrow("there is no space left on its disk");
    const current = join(path, "CURRENT");
    writeFileSync(current, readFileSync(current, "utf8").replace("MANIFEST", "MANIFESU"));
    disk.mend();
    await until("it is found", () => level?.writeFailure === "its files are damaged");
    expect(() => level?.getSync("a")).toThrow("its files are damaged");
    await expect(put("c")).rejects.toThrow("its files are damaged");
  });

  test("can be closed at any time", async () => {
    const { path } = await open(failsOnce());
    await put("a");
    await expect(put("b")).rejects.toThrow();
    expect(await storedAfterKill(path, ["a", "b"])).toEqual(["a"]);
  });
});

test("a range is cleared in counted batches, however many rows it has", async () => {
  const { path } = await open(new FaultyDisk(() => undefined));
  await level?.batch(Array.from({ length: 2_500 }, (_, n) => ({ type: "put", key: `x${n}`, value: "v" })));
  await put("y");
  await level?.clear({ gte: "x", lt: "y" });
  const left = await level?.iterator({ gte: "x" }).all();
  expect(left?.map(([key]) => key)).toEqual(["y"]);
  expect(await storedAfterKill(path, ["y"])).toEqual(["y"]);
});
