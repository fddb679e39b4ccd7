import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

/** A device of Linux's whose disk is always full. */
const FULL = "/dev/full";
const MODULE = JSON.stringify(new URL("output-errors.cjs", import.meta.url).pathname);
const SAY = "process.stdout.write('a line\\n'); process.stderr.write('another\\n');";

/** Exit code of a process that runs `script` and writes to where there is no space. */
async function exitCode(script: string): Promise<number | null> {
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", full, full] });
  const [code] = await once(child, "exit");
  return code;
}

let full: number;
const onLinux = existsSync(FULL) ? describe : describe.skip;

onLinux("a process whose output goes to a file on a full disk", () => {
  beforeEach(() => {
    full = openSync(FULL, "w");
  });
  afterEach(() => closeSync(full));

  test("ends by its first line, as Node.js has it", async () => {
    expect(await exitCode(`${SAY} setImmediate(() => process.exit(7))`)).toBe(1);
  });

  test("lives on, and can write again, where errors of its output are no reason to end", async () => {
    const goesOn =
      "setImmediate(() => process.exit(process.stdout.writable && process.stderr.writable ? 7 : 8))";
    expect(await exitCode(`require(${MODULE}); ${SAY} ${goesOn}`)).toBe(7);
  });
});
