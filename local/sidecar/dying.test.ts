import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { createPace, whenDying } from "./dying.ts";

const onLinux = existsSync("/proc/self/stat") ? test : test.skip;

onLinux("a process that is killed is noticed, once; one that lives is not", async () => {
  const script = "process.stdout.write('up'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  const dying: number[] = [];
  whenDying(child.pid ?? 0, () => dying.push(child.pid ?? 0));
  whenDying(process.pid, () => dying.push(process.pid));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(dying).toEqual([]);
  child.kill("SIGKILL");
  await until("it is noticed", () => dying.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(dying).toEqual([child.pid]);
});

test("a process that is not there is nobody's business", () => {
  expect(() => whenDying(2 ** 30, () => {})).not.toThrow();
});

test("a process at work is looked at every 20 ms; an idle one every 100 ms while it is large, else every second", () => {
  const pace = createPace();
  const small = 130 * 1024 * 1024;
  const at = (now: number, cpuMs: number, resident = small) => pace(now, { cpuMs, resident });
  expect(at(0, 500)).toBe(20);
  expect(at(900, 500)).toBe(20);
  expect(at(1_000, 510)).toBe(1_000);
  expect(at(1_100, 510, 3 * small)).toBe(100);
  expect(at(1_900, 900)).toBe(1_000);
  expect(at(2_000, 900)).toBe(20);
  expect(at(3_000, 935)).toBe(20);
  expect(at(4_000, 945, 3 * small)).toBe(100);
});
