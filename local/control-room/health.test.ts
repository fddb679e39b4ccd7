// Whether a listener is down, or has only not answered yet, is told by facts.

import { spawn } from "node:child_process";
import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import { freePorts, listen } from "../../tests/support/free-ports.ts";
import { until } from "../../tests/support/poll.ts";
import { DOWN, healthAfter, healthOf, SLOW } from "./health.ts";
import { isStopped } from "./process-state.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function answering(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  return `http://127.0.0.1:${await listen(server)}`;
}

const WELL = { status: "ok", checks: { database: "ok" }, outbox: null } as const;

test("where nobody listens, it is down", async () => {
  const [port] = await freePorts(1);
  expect(await healthOf(`http://127.0.0.1:${port}`)).toEqual(DOWN);
});

test("what takes the request and does not answer in time is slow, and its checks are those of before", async () => {
  const seen = await healthOf(await answering(() => {}));
  expect(seen).toEqual(SLOW);
  expect(healthAfter(WELL, seen)).toEqual({ ...WELL, status: "slow" });
  expect(healthAfter(undefined, seen)).toEqual(SLOW);
  expect(healthAfter(WELL, DOWN)).toEqual(DOWN);
});

test("a connection that breaks off says nothing of whether it is down", async () => {
  expect(await healthOf(await answering((request) => void request.socket.destroy()))).toEqual(SLOW);
});

test.each([
  ["ok", "ok"],
  ["degraded", "degraded"],
  ["down", "draining"],
])("one that answers %s is %s", async (status, expected) => {
  const url = await answering((_, response) => void response.end(JSON.stringify({ ...WELL, status })));
  expect(await healthOf(url)).toEqual({ ...WELL, status: expected });
});

test("somebody else's answer at its port is none", async () => {
  expect(await healthOf(await answering((_, response) => void response.end("hello")))).toEqual(DOWN);
});

const onLinux = process.platform === "linux" ? test : test.skip;

onLinux("a process that a signal has stopped is told from one that runs", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1_000)"], { stdio: "ignore" });
  const pid = child.pid ?? 0;
  try {
    expect(isStopped(pid)).toBe(false);
    child.kill("SIGSTOP");
    await until("it is stopped", () => isStopped(pid));
  } finally {
    child.kill("SIGKILL");
  }
  await until("it has ended", () => child.signalCode !== null);
  expect(isStopped(pid)).toBe(false);
});
