// `npm run demo`: on a system that runs, with an item that somebody edits, and on one of its own that is killed meanwhile.

import { readdirSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as z from "zod";
import { type Database, openDatabase } from "../../../tools/database.ts";
import { until } from "../../support/poll.ts";
import { processesWith } from "../../support/processes.ts";
import { begin, run } from "../../support/run.ts";
import { cleanEnvironment, type System, startSystem } from "../../support/system.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const node = join(root, "node_modules", ".bin", "node");
const main = join(root, "tools", "demo", "main.ts");

let system: System;
let database: Database;

beforeAll(async () => {
  system = await startSystem();
  database = openDatabase(undefined, { ...cleanEnvironment(), ...system.env });
});
afterAll(async () => {
  await database?.close();
  await system?.cleanUp();
});

const options = () => ({ cwd: system.dataDir, env: { ...cleanEnvironment(), ...system.env } });
const against = () => [main, "--against", system.gatewayUrl, "--rate", "4"];

test("ends with what was checked of each promise, all kept", async () => {
  const { code, stdout } = await run(node, [...against(), "--minutes", "0.05", "--seed", "1"], options());
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^1 money +[1-9]\d* orders .*: kept$/m)]);
  for (const promise of ["2 notified once", "3 durable", "4 one winner", "5 private", "6 mail"]) {
    expect(stdout).toMatch(new RegExp(`^${promise} +[1-9]\\d* .*: kept$`, "m"));
  }
  expect(stdout).not.toContain("VIOLATION");
});

test("finds an item that was edited in the database, after Ctrl-C", async () => {
  const earlier = new Set((await ids()).flat());
  const program = await begin(node, [...against(), "--minutes", "60", "--settle", "1"], options());
  const edited = await until("an order is completed", async () => {
    const fresh = (await ids()).flat().filter((id) => !earlier.has(id));
    for (const id of fresh) if (await makeDearer(id)) return id;
    return undefined;
  });
  program.signal("SIGINT");
  expect(await program.ended).toBe(1);
  expect(program.stdout()).toContain(`VIOLATION of "money", order ${edited}: `);
  expect(program.stdout()).toMatch(/^1 money .*: [12] VIOLATIONS$/m);
});

test("starts a system of its own, kills its runtimes, and leaves nothing behind", async () => {
  const folder = await mkdtemp(join(tmpdir(), "demo-"));
  try {
    const args = [main, "--minutes", "0.1", "--rate", "2", "--kill-every", "1"];
    const { code, stdout } = await run(node, args, { env: { ...process.env, TMPDIR: folder } });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^1 money +[1-9]\d* orders .*: kept$/m)]);
    expect(stdout).toMatch(/ [1-9]\d* kills/);
    expect(
      readdirSync(folder).filter((name) => name.startsWith("cfmp-order-") && !name.endsWith("ports")),
    ).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("ended twice while its system starts, it leaves nothing behind either", async () => {
  const folder = await mkdtemp(join(tmpdir(), "demo-"));
  const left = () => readdirSync(folder).filter((name) => /^cfmp-order-\w{6}$/.test(name));
  try {
    const program = await begin(node, [main], { env: { ...process.env, TMPDIR: folder } });
    await until("it has a folder", () => left().length > 0);
    program.signal("SIGINT");
    await until("another signal has ended it", () => {
      program.signal("SIGINT");
      return !program.running();
    });
    expect([await program.ended, left()]).toEqual([130, []]);
    expect(processesWith("TMPDIR", folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each([
  [["--rate", "many"], "--rate takes a number"],
  [["--against", "http://localhost:8000", "--kill-every", "5"], "not with --against"],
  [["--against", "localhost"], "--against takes the gateway's base URL"],
  [["--users", "5"], "--kill-every"],
])("a wrong option is explained: %p", async (args, text) => {
  const { code, stderr } = await run(node, [main, ...args]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(text)]);
});

async function ids(): Promise<(readonly string[])[]> {
  const pages: (readonly string[])[] = [];
  for await (const page of database.pages("orders")) pages.push(page);
  return pages;
}

const document = z.looseObject({ status: z.string(), total: z.number() });

/** Edits the stored order if it is completed; false when it is not. */
async function makeDearer(id: string): Promise<boolean> {
  const table = database.table("orders");
  const item = await table.get(id);
  if (item === undefined) return false;
  const order = document.parse(JSON.parse(item.doc));
  if (order.status !== "completed") return false;
  const doc = JSON.stringify({ ...order, total: order.total + 1 });
  return table.put({ ...item, version: item.version + 1, doc }, item.version);
}
