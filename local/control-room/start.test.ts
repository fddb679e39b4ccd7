// The control room with its thread, where its files can't be used.

import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import type { History } from "./api.ts";
import { type ControlRoom, startControlRoom } from "./start.ts";

let dataDir: string;
let room: ControlRoom | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "cfmp-room-"));
});
afterEach(async () => {
  await room?.close();
  rmSync(dataDir, { recursive: true });
});

async function start(): Promise<string> {
  room = await startControlRoom({
    host: "127.0.0.1",
    port: 0,
    historyMb: 20,
    dataDir,
    logDir: dataDir,
    log: () => {},
    switchBackend: async () => {},
  });
  return `http://127.0.0.1:${room.port}`;
}

async function historyAt(base: string): Promise<History | undefined> {
  const reply = await fetch(`${base}/api/history`).catch(() => undefined);
  if (reply?.ok !== true) return undefined;
  const history: History = JSON.parse(await reply.text());
  return history;
}

test("it is there also where nothing can be written in its folder", async () => {
  writeFileSync(join(dataDir, "control-room"), "a file");
  expect(await historyAt(await start())).toMatchObject({
    kept: "memory",
    reason: expect.stringMatching(/./),
  });
});

test("a history that is damaged while it runs is set aside, and another one begun", async () => {
  const base = await start();
  const folder = join(dataDir, "control-room");
  const file = join(folder, "history.sqlite");
  expect(await historyAt(base)).toMatchObject({ kept: "disk" });
  // More than SQLite holds in memory.
  for (let batch = 0; batch < 4; batch += 1) {
    const logRecords = Array.from({ length: 1_800 }, () => ({
      timeUnixNano: "1700000000000000000",
      body: { stringValue: "x".repeat(2_000) },
    }));
    const sent = await fetch(`${base}/v1/logs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
    });
    expect(sent.status).toBe(200);
  }
  for (const name of readdirSync(folder).filter((each) => /sqlite$|wal$/.test(each)))
    damage(join(folder, name));
  await until("it is met, and another one begun", async () => {
    const history = await historyAt(base);
    return history !== undefined && readdirSync(folder).includes("history.sqlite.damaged");
  });
  expect(statSync(file).size).toBeLessThan(statSync(`${file}.damaged`).size);
});

/** Overwrites all but the first page of a file, as a failing disk might. */
function damage(path: string): void {
  const file = openSync(path, "r+");
  try {
    const size = statSync(path).size;
    if (size > 4_096) writeSync(file, Buffer.alloc(size - 4_096, 0xaa), 0, size - 4_096, 4_096);
  } finally {
    closeSync(file);
  }
}
