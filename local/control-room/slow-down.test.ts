import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { type SlowDowns, slowDowns } from "./slow-down.ts";

const BUSY = "for (;;) {}";

let child: ChildProcess;
let pid: number;
let slow: SlowDowns;
beforeEach(async () => {
  child = spawn(process.execPath, ["-e", BUSY], { stdio: "ignore" });
  await once(child, "spawn");
  pid = child.pid ?? 0;
  slow = slowDowns();
});
afterEach(async () => {
  await slow.end(pid);
  child.kill("SIGKILL");
});

/** `T`: stopped by a signal. */
const state = () => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
const isStopped = () => state() === "T";

test("a process is stopped again and again, and runs as before in the end", async () => {
  slow.begin(pid);
  slow.begin(pid);
  for (let times = 0; times < 3; times += 1) {
    await until("it is stopped", isStopped);
    await until("it goes on", () => !isStopped());
  }
  await slow.end(pid);
  await slow.end(pid);
  expect(isStopped()).toBe(false);
});

test("a process that has ended is left alone", async () => {
  slow.begin(pid);
  await until("it is stopped", isStopped);
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
  await slow.end(pid);
});
