// A call of LevelDB's that fails, whichever it is: what is said of it, and that all is verified before anything is written.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { type Disk, realDisk } from "./disk.ts";
import { openGuarded } from "./guarded-level.ts";
import type { Level, Rows, Snapshot } from "./level.ts";

let folder: string;
let level: Level;
/** What every call fails with at the moment. */
let failure: { readonly code: string; readonly message: string } | undefined;

/** What `call` gives, unless it is to fail. */
function orFail<T>(call: () => T): T {
  if (failure) throw Object.assign(new Error(failure.message), { code: failure.code });
  return call();
}
const rowsOrFail = <T>(rows: Rows<T>): Rows<T> => ({
  nextv: async (size) => orFail(() => rows.nextv(size)),
  all: async () => orFail(() => rows.all()),
  close: () => rows.close(),
});
const disk: Disk = {
  requireRoom: async (path) => orFail(() => realDisk.requireRoom(path)),
  async openLevelDb(path) {
    const real = await orFail(() => realDisk.openLevelDb(path));
    return {
      getSync: (key: string, options?: { snapshot: Snapshot }) =>
        orFail(() => (options ? real.getSync(key, options) : real.getSync(key))),
      bytesSync: (key, snapshot) => orFail(() => real.bytesSync(key, snapshot)),
      values: (range) => rowsOrFail(real.values(range)),
      keys: (range) => rowsOrFail(real.keys(range)),
      iterator: (range) => rowsOrFail(real.iterator(range)),
      snapshot: () => real.snapshot(),
      batch: async (writes) => orFail(() => real.batch(writes)),
      clear: (range) => real.clear(range),
      close: () => real.close(),
    };
  },
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "failing-"));
  failure = undefined;
  level = await openGuarded(folder, () => {}, disk);
  await put("a");
});
afterEach(async () => {
  await level.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (key: string) => level.batch([{ type: "put", key, value: "stored" }]);
const works = () => until("it works again", () => level.writeFailure === undefined);

test.each([
  ["No space left on device", "there is no space left on its disk"],
  ["Disk quota exceeded", "there is no space left on its disk"],
  ["Read-only file system", "its disk is read-only"],
  ["Input/output error", "its disk fails"],
  ["File too large", "its disk fails"],
])("a write that fails by %s stops all others, which is said as: %s", async (text, reason) => {
  failure = { code: "LEVEL_IO_ERROR", message: `IO error: ${folder}/000005.log: ${text}` };
  await expect(put("b")).rejects.toThrow(reason);
  expect(level.writeFailure).toBe(reason);
  failure = undefined;
  await works();
  await put("b");
  expect(level.getSync("b")).toBe("stored");
});

describe.each(["LEVEL_IO_ERROR", "LEVEL_CORRUPTION"])("a read that fails by %s", (code) => {
  test.each([
    ["of one key", async () => level.getSync("a")],
    ["of one key's bytes", async () => level.bytesSync("a")?.toString()],
    ["of a range", () => level.values({}).all()],
    ["of a page of a range", () => level.iterator({}).nextv(10)],
  ])("%s stops all writes until everything was read anew", async (_, read) => {
    failure = { code, message: "Input/output error" };
    await expect(read()).rejects.toThrow("its disk fails");
    failure = undefined;
    await expect(put("b")).rejects.toThrow("its disk fails");
    await works();
    await put("b");
    expect([level.getSync("a"), level.getSync("b")]).toEqual(["stored", "stored"]);
  });
});

test("a call that is wrong in itself is no failure of the disk", async () => {
  failure = { code: "LEVEL_NOT_SUPPORTED", message: "no such option" };
  expect(() => level.getSync("a")).toThrow("no such option");
  failure = undefined;
  expect(level.writeFailure).toBeUndefined();
  await put("b");
});
