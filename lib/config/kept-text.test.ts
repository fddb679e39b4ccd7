import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { keptText } from "./kept-text.ts";

let folder: string;
let path: string;
let lines: string[];
const say = (_: unknown, message?: unknown) => lines.push(String(message));
const log = { debug: say, info: say, warn: say, error: say };

beforeEach(() => {
  jest.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), "cfmp-kept-"));
  path = join(folder, "config", "kept.json");
  lines = [];
});
afterEach(() => {
  jest.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const block = () => writeFileSync(join(folder, "config"), "no folder can be made here");
const clear = () => rmSync(join(folder, "config"), { recursive: true });

describe("a text that cannot be written", () => {
  test("is there once it can, by itself; that it could not is said once", () => {
    const kept = keptText(path, log);
    block();
    kept.write("first");
    kept.write("second");
    jest.advanceTimersByTime(20_000);
    clear();
    jest.advanceTimersByTime(20_000);
    expect(kept.read()).toBe("second");
    expect(lines).toEqual(["the configuration can't be saved for the next start"]);
  });

  test("gives way to a later one", () => {
    const kept = keptText(path, log);
    block();
    kept.write("earlier");
    clear();
    kept.write("later");
    jest.advanceTimersByTime(20_000);
    expect(kept.read()).toBe("later");
  });

  test("is removed once it can be, where it is to be none", () => {
    const kept = keptText(path, log);
    mkdirSync(path, { recursive: true });
    kept.write(undefined);
    rmSync(path, { recursive: true });
    writeFileSync(path, "of an earlier version");
    jest.advanceTimersByTime(20_000);
    expect(kept.read()).toBeUndefined();
    expect(lines).toHaveLength(1);
  });
});
