import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readState, stateMark, writeState } from "./state-file.ts";

const state = { pid: 4711, port: 41_234, secret: "shows that the file was read" };
let folder: string;
let file: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-state-"));
  file = join(folder, "helper.json");
  await writeState(folder, state);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("where the helper is found is read as it was written", async () => {
  expect(await readState(folder)).toEqual(state);
});

test("its mark shows that the file is gone, or another's, without being read", async () => {
  const own = stateMark(folder);
  expect(own).toBeDefined();
  expect(stateMark(folder)).toBe(own);
  await writeState(folder, state);
  expect(stateMark(folder)).not.toBe(own);
  rmSync(file);
  expect(stateMark(folder)).toBeUndefined();
});

test("a damaged or cut off file leads to no other process and port", async () => {
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 0x01;
    for (const text of [damaged, bytes.subarray(0, at)]) {
      writeFileSync(file, text);
      const read = await readState(folder);
      if (read !== undefined) expect(read).toEqual(state);
    }
  }
});
