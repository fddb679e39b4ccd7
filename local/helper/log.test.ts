import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { expect, test } from "@jest/globals";

/** A device of Linux's whose disk is always full. */
const FULL = "/dev/full";
const onLinux = existsSync(FULL) ? test : test.skip;

onLinux("a line that finds no space is lost, and ends nothing", async () => {
  const module = JSON.stringify(new URL("log.ts", import.meta.url).href);
  const script = `import(${module}).then(({ log }) => { log("error", "lost"); setImmediate(() => process.exit(7)); })`;
  const full = openSync(FULL, "w");
  try {
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", full, full] });
    expect(await once(child, "exit")).toEqual([7, null]);
  } finally {
    closeSync(full);
  }
});
