import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import type { Log } from "../shared/log.ts";
import { openLogFile } from "./log-files.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-order-log-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const said: string[] = [];
const log: Log = (_, message) => said.push(message);
const open = (maxBytes?: number) => openLogFile(folder, "a.log", { log, ...(maxBytes ? { maxBytes } : {}) });
const read = (name: string): string =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";

describe("a log file", () => {
  test("gets each line, in order, moments later", async () => {
    const file = open();
    file.write("one\n");
    file.write("two");
    await until("both lines are there", () => read("a.log") === "one\ntwo\n");
    file.close();
  });

  test("gets what is left when it is closed", () => {
    const file = open();
    file.write("last");
    file.close();
    expect(read("a.log")).toBe("last\n");
  });

  test("goes on after a restart", () => {
    writeFileSync(join(folder, "a.log"), "before\n");
    const file = open();
    file.write("after");
    file.close();
    expect(read("a.log")).toBe("before\nafter\n");
  });

  test("is rotated when it is full, and three older ones are kept", async () => {
    const file = open(10);
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

  test("is for its owner alone, also one that an earlier version left open to others", () => {
    writeFileSync(join(folder, "a.log"), "before\n", { mode: 0o644 });
    open().close();
    expect(statSync(join(folder, "a.log")).mode & 0o777).toBe(0o600);
  });

  test("that cannot be written for a while says so once, goes on by itself, and notes what it lost", async () => {
    const file = open();
    file.write("one");
    await until("it is there", () => read("a.log") === "one\n");
    // A folder in the file's place, since a full disk can't be had here.
    rmSync(join(folder, "a.log"));
    mkdirSync(join(folder, "a.log"));
    file.write("two");
    await until("the loss is said", () => said.length > 0);
    rmSync(join(folder, "a.log"), { recursive: true });
    writeFileSync(join(folder, "a.log"), "thr");
    file.write("four");
    await until("it goes on", () => read("a.log").endsWith("four\n"));
    file.close();
    expect(said).toEqual(["log lines can't be written and are lost"]);
    expect(read("a.log")).toMatch(/^thr\n\{.*"1 log lines before this one could not be written.*\}\nfour\n$/);
  });

  /** A file that could not be written, of which one line is lost, and that was removed then. */
  async function openAfterALoss(): Promise<ReturnType<typeof open>> {
    said.length = 0;
    const file = open();
    rmSync(join(folder, "a.log"));
    mkdirSync(join(folder, "a.log"));
    file.write("one");
    await until("the loss is said", () => said.length > 0);
    rmSync(join(folder, "a.log"), { recursive: true });
    return file;
  }

  test("goes on where it was removed while it could not be written", async () => {
    const file = await openAfterALoss();
    file.write("two");
    await until("it goes on", () => read("a.log").endsWith("two\n"));
    file.close();
    expect(read("a.log")).toMatch(/^\{.*"1 log lines before this one could not be written.*\}\ntwo\n$/);
  });

  test("says at its end what it lost before", async () => {
    const file = await openAfterALoss();
    file.close();
    expect(read("a.log")).toMatch(/^\{.*"1 log lines before this one could not be written.*\}\n$/);
  });

  test("that cannot be written keeps the system from starting", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => openLogFile(join(folder, "file"), "a.log", { log })).toThrow(/LOG_DIR/);
  });
});
