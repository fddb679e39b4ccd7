import { beforeEach, expect, test } from "@jest/globals";
import type { Report } from "./report.ts";
import { Runtimes } from "./runtimes.ts";

let now: number;
let stopped: boolean;
let alive: boolean;
let runtimes: Runtimes;
beforeEach(() => {
  now = 0;
  stopped = false;
  alive = true;
  runtimes = new Runtimes({ monotonic: () => now, isStopped: () => stopped, isAlive: () => alive });
});

const report = (instance: string, state: Report["state"] = "ok"): Report => ({
  instance,
  pid: 1,
  started_at: 0,
  version: "1",
  state,
  gateway_url: null,
  services: [],
  peers: [],
  registry: { kind: "embedded", address: null, ok: true },
  database: { kind: "embedded", address: null },
  memory_bytes: 1,
  cpu: 0,
  event_loop_p99_ms: null,
  dropped: {},
  command: { exec_path: "", exec_argv: [], argv: [], cwd: "", env: {} },
});
const state = (instance: string) => runtimes.find(instance)?.state;

test("a runtime is as it reports, slow while it is silent, paused where a signal has stopped it, and down once its lease has ended", () => {
  expect(runtimes.reported(report("1", "starting"))).toBe(true);
  expect(state("1")).toBe("starting");
  expect(runtimes.reported(report("1"))).toBe(true);
  expect(runtimes.reported(report("1"))).toBe(false);
  now += 3_001;
  expect(state("1")).toBe("slow");
  stopped = true;
  expect(state("1")).toBe("paused");
  runtimes.slowed("1", true);
  expect(state("1")).toBe("slow");
  runtimes.slowed("1", false);
  stopped = false;
  runtimes.reported(report("1"));
  expect(state("1")).toBe("ok");
  runtimes.paused("1", true);
  expect(state("1")).toBe("paused");
  runtimes.paused("1", false);
  expect(state("1")).toBe("ok");
  runtimes.ended("1");
  expect(state("1")).toBe("down");
  // Its last report may have been under way.
  runtimes.reported(report("1"));
  expect(state("1")).toBe("down");
  now += 2_001;
  runtimes.reported(report("1"));
  expect(state("1")).toBe("ok");
});

test("one that has a lease and has not reported starts", () => {
  expect(runtimes.isStarting).toBe(false);
  expect(runtimes.lives("1")).toBe(true);
  expect(runtimes.isStarting).toBe(true);
  runtimes.reported(report("1"));
  // It has lost its connection, and has another one.
  expect(runtimes.lives("1")).toBe(false);
  expect(runtimes.isStarting).toBe(false);
  runtimes.lives("2");
  runtimes.ended("2");
  expect(runtimes.isStarting).toBe(false);
});

test("one that is started again is starting until it reports, under an id of its own, or has ended without", () => {
  runtimes.reported({ ...report("before"), pid: 1 });
  runtimes.ended("before");
  runtimes.replaced("before", 2);
  expect(runtimes.find("before")).toMatchObject({ state: "starting", report: { pid: 2 } });
  alive = false;
  expect(state("before")).toBe("down");
  alive = true;
  runtimes.reported({ ...report("after", "starting"), pid: 2 });
  expect(runtimes.all().map((one) => [one.report.instance, one.state])).toEqual([["after", "starting"]]);
});

test("one that was killed is shown for ten minutes, one that was stopped for a moment", () => {
  runtimes.reported(report("killed"));
  runtimes.reported(report("stopped", "draining"));
  for (const instance of ["killed", "stopped"]) runtimes.ended(instance);
  const shown = () => runtimes.all().map(({ report: { instance } }) => instance);
  expect(shown()).toEqual(["killed", "stopped"]);
  now += 10_001;
  expect(shown()).toEqual(["killed"]);
  now += 10 * 60_000;
  expect(shown()).toEqual([]);
});

test("their number is bounded", () => {
  for (let index = 0; index < 500; index += 1) {
    now += 1;
    runtimes.reported(report(String(index)));
  }
  expect(runtimes.all()).toHaveLength(100);
  expect(state("499")).toBe("ok");
});
