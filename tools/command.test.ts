import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "@jest/globals";

const MODULE = JSON.stringify(new URL("command.ts", import.meta.url).href);
const FAILED = 3;

/** Exit code and complaints of a command whose output nobody reads any more. */
async function unread(run: string): Promise<[number | null, string]> {
  const script = `import { exitCodeOf } from ${MODULE}; process.exitCode = await exitCodeOf(${run}, ${FAILED});`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    complaints += part;
  });
  const [code] = await once(child, "close");
  return [code, complaints];
}

test("a command whose output is lost has failed, whatever it has found, and says nothing of its insides", async () => {
  expect(await unread("async () => { process.stdout.write('a line\\n'); return 1; }")).toEqual([FAILED, ""]);
});

test("one that goes on for long is told", async () => {
  const run = `(lost) => new Promise((resolve) => {
    const stays = setInterval(() => {}, 1_000);
    lost.addEventListener("abort", () => { clearInterval(stays); resolve(0); });
    process.stdout.write("a line\\n");
  })`;
  expect(await unread(run)).toEqual([FAILED, ""]);
});
