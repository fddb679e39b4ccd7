import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { keptSecretKey } from "./secret-key.ts";

let folder: string;
const file = () => join(folder, "secret-key");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-key-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the kept secret key", () => {
  test("is the same at each start, and another one in another folder", () => {
    const key = keptSecretKey(folder);
    expect(keptSecretKey(folder)).toBe(key);
    rmSync(file());
    expect(keptSecretKey(folder)).not.toBe(key);
  });

  test("of an earlier version counts on", () => {
    const key = "A_-9".repeat(16);
    writeFileSync(file(), key);
    expect(keptSecretKey(folder)).toBe(key);
  });

  test("is never another one because its file was damaged or cut off", () => {
    const key = keptSecretKey(folder);
    const bytes = readFileSync(file());
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x01;
      for (const text of [damaged, bytes.subarray(0, at)]) {
        writeFileSync(file(), text);
        expect(() => keptSecretKey(folder)).toThrow(/secret-key is damaged.*remove the file/);
      }
    }
    writeFileSync(file(), bytes);
    expect(keptSecretKey(folder)).toBe(key);
  });
});
