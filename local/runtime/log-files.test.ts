import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { openLogFile } from "./log-files.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-order-log-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string): string =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";

describe("a log file", () => {
  test("gets each line, in order, moments later", async () => {
    const file = openLogFile(folder, "a.log");
    file.write("one\n");
    file.write("two");
    await until("both lines are there", () => read("a.log") === "one\ntwo\n");
    file.close();
  });

  test("gets what is left when it is closed", () => {
    const file = openLogFile(folder, "a.log");
    file.write("last");
    file.close();
    expect(read("a.log")).toBe("last\n");
  });

  test("goes on after a restart", () => {
    writeFileSync(join(folder, "a.log"), "before\n");
    const file = openLogFile(folder, "a.log");
    file.write("after");
    file.close();
    expect(read("a.log")).toBe("before\nafter\n");
  });

  test("is rotated when it is full, and three older ones are kept", async () => {
    const file = openLogFile(folder, "a.log", 10);
    for (const line of ["11111111", "22222222", "33333333", "44444444", "55555555"]) {
      file.write(line);
      await until(`${line} is there`, () => read("a.log").includes(line));
    }
    file.close();
    expect([0, 1, 2, 3, 4].map((n) => read(n === 0 ? "a.log" : `a.log.${n}`))).toEqual([
      "55555555\n",
      "44444444\n",
      "33333333\n",
      "22222222\n",
      "",
    ]);
  });

  test("that cannot be written keeps the system from starting", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => openLogFile(join(folder, "file"), "a.log")).toThrow(/LOG_DIR/);
  });
});
