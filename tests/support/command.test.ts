import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { flag, names, number, readOptions, text } from "./command.ts";

const options = { runs: number(7), most: number(undefined), name: text(undefined), only: names, write: flag };

test("options are read, and those that are not given have their usual values", () => {
  expect(readOptions(options, [])).toEqual({
    runs: 7,
    most: undefined,
    name: undefined,
    only: undefined,
    write: false,
  });
  expect(readOptions(options, ["--runs", "9", "--only", "one, other", "--write"])).toMatchObject({
    runs: 9,
    only: ["one", "other"],
    write: true,
  });
});

test("an option that does not exist, and a value that is none, are refused with the options there are", () => {
  const known = "Options: [--runs 7] [--most N] [--name TEXT] [--only ONE,OTHER] [--write]";
  expect(() => readOptions(options, ["--run", "9"])).toThrow(/'--run'/);
  expect(() => readOptions(options, ["--run", "9"])).toThrow(known);
  expect(() => readOptions(options, ["--runs", "many"])).toThrow(`"many" is no whole number\n${known}`);
});

test("a command with a wrong option ends with these lines and exit code 2, without a stack trace", () => {
  const command = join(import.meta.dirname, "..", "..", "bench", "registry", "main.ts");
  const { status, stderr } = spawnSync(process.execPath, [command, "--fast"], { encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toMatch(/'--fast'/);
  expect(stderr).toContain("[--instances 1000]");
  expect(stderr).not.toMatch(/^\s+at /m);
});
