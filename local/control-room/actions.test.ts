// What is done to runtimes, without any: their processes are numbers here, and signals are written down.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { type ActionPorts, type Actions, createActions } from "./actions.ts";
import type { NewInstance } from "./new-instance.ts";
import { Runtimes } from "./runtimes.ts";
import { testReport } from "./test-reports.ts";

const FIRST = 400_001;
let folder: string;
let runtimes: Runtimes;
let signals: [pid: number, name: string][];
let started: NewInstance[];
let alive: Set<number>;

const PORTS: Omit<ActionPorts, "collector" | "logDir"> = {
  signal: (pid, name) => signals.push([pid, name]),
  isAlive: (pid) => alive.has(pid),
  start: async (instance) => {
    started.push(instance);
    return FIRST + started.length;
  },
  switchBackend: async () => {},
};
const actions = (ports: Partial<ActionPorts> = {}): Actions =>
  createActions({ collector: collector(), logDir: join(folder, "logs"), ...PORTS, ...ports });
const collector = (): ActionPorts["collector"] => ({
  runtimes,
  paused: () => {},
  slowed: () => {},
  replaced: (instance, pid) => runtimes.replaced(instance, pid),
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-actions-"));
  [signals, started, alive] = [[], [], new Set([FIRST])];
  runtimes = new Runtimes({ isAlive: (pid) => alive.has(pid) });
  runtimes.reported(testReport("first", { pid: FIRST }));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("a runtime that is to be started again by several at once is started once", async () => {
  const act = actions();
  const asked = [1, 2, 3].map(() => act({ action: "restart", runtime: "first" }));
  await until("it is told to end", async () => signals.some(([, name]) => name === "SIGTERM"));
  runtimes.ended("first");
  const answers = await Promise.all(asked);
  expect(started).toHaveLength(1);
  expect(new Set(answers.map(({ detail }) => detail)).size).toBe(1);
  expect(signals).toEqual([
    [FIRST, "SIGCONT"],
    [FIRST, "SIGTERM"],
  ]);
});

test("one that is forgotten meanwhile, as its successor has its place, is not waited for, nor is its number used again", async () => {
  runtimes.ended("first");
  const act = actions();
  alive.add(FIRST + 1);
  await act({ action: "restart", runtime: "first" });
  const again = act({ action: "restart", runtime: "first" });
  await until("it is told to end", async () => signals.length > 0);
  runtimes.reported(testReport("second", { pid: FIRST + 1 }));
  alive.delete(FIRST + 1);
  await again;
  expect(signals.every(([pid, name]) => pid === FIRST + 1 && name !== "SIGKILL")).toBe(true);
  expect(started).toHaveLength(2);
});

test.each(["restart", "add"])(
  "%s says why nothing could be started, and nothing takes its place",
  async (action) => {
    runtimes.ended("first");
    const command = { exec_path: join(folder, "node"), exec_argv: [], argv: [], cwd: folder, env: {} };
    runtimes.reported(testReport("other", { pid: FIRST, command }));
    runtimes.ended("other");
    const { start: _, ...ports } = PORTS;
    const act = createActions({ collector: collector(), logDir: join(folder, "logs"), ...ports });
    await expect(act({ action, runtime: "other" })).rejects.toMatchObject({
      status: 409,
      code: "start_failed",
      message: expect.stringContaining("ENOENT"),
    });
    expect(runtimes.find("other")).toMatchObject({ state: "down", report: { pid: FIRST } });
  },
);
