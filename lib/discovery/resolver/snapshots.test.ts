import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { until } from "../../../tests/support/poll.ts";
import { FileSnapshots, snapshotFolder } from "./snapshots.ts";

const instance = (port: number) => ({
  service: "S",
  host: "127.0.0.1",
  port,
  weight: 1,
  healthy: true,
  enabled: true,
  metadata: { instance: `i${port}` },
});

describe("snapshots on disk", () => {
  let data: string;
  let folder: string;
  let now: number;
  let warnings: string[];
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), "cfmp-snapshots-"));
    folder = snapshotFolder(data, "127.0.0.1:8848", "public", "DEFAULT_GROUP");
    now = Date.now();
    warnings = [];
  });
  afterEach(() => rm(data, { recursive: true }));

  const open = (debounceMs = 0) => {
    const log = pino({ level: "warn" }, { write: (line) => warnings.push(JSON.parse(line).msg) });
    return new FileSnapshots({ folder, log, clock: () => now, debounceMs });
  };
  const path = () => join(folder, "S.json");
  const stored = () => JSON.parse(readFileSync(path(), "utf8")).instances;

  test("another process reads what one saved, and how old it is", async () => {
    const first = open();
    first.save("S", [instance(1), instance(2)]);
    await first.close();
    now = statSync(path()).mtimeMs + 5_000;
    expect(open().read("S")).toEqual({ instances: [instance(1), instance(2)], ageMs: 5_000 });
    expect(open().read("T")).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test("many changes at once are one write of the last one, without a trace of drafts", async () => {
    const snapshots = open(10_000);
    for (let port = 1; port <= 100; port += 1) snapshots.save("S", [instance(port)]);
    expect(existsSync(folder)).toBe(false);
    await snapshots.close();
    expect(stored()).toEqual([instance(100)]);
    expect(readdirSync(folder)).toEqual(["S.json"]);
  });

  test("what another process left when it ended is removed, but not what one may be writing", async () => {
    mkdirSync(folder, { recursive: true });
    const [left, young] = [join(folder, "S.json.7-4.tmp"), join(folder, "S.json.8-1.tmp")];
    for (const draft of [left, young]) writeFileSync(draft, "{");
    utimesSync(left, now / 1_000 - 90, now / 1_000 - 90);
    const snapshots = open();
    snapshots.save("S", [instance(1)]);
    await snapshots.close();
    expect(readdirSync(folder).sort()).toEqual(["S.json", "S.json.8-1.tmp"]);
    expect(warnings).toEqual([]);
  });

  test("the same list is not written again; that it is still true is noted once a minute", async () => {
    const snapshots = open();
    snapshots.save("S", [instance(1)]);
    await until("it is written", () => existsSync(path()));
    const { ino, mtimeMs } = statSync(path());
    now += 59_000;
    snapshots.save("S", [instance(1)]);
    await snapshots.close();
    expect(statSync(path())).toMatchObject({ ino, mtimeMs });
    now += 1_000;
    snapshots.save("S", [instance(1)]);
    await snapshots.close();
    expect(statSync(path()).ino).toBe(ino);
    expect(snapshots.read("S")?.ageMs).toBeLessThan(10);
  });

  test("several writers of one file produce a whole one", async () => {
    const writers = Array.from({ length: 8 }, () => open());
    for (let port = 1; port <= 20; port += 1) {
      for (const writer of writers) writer.save("S", [instance(port)]);
      await Promise.all(writers.map((writer) => writer.close()));
      expect(stored()).toEqual([instance(port)]);
    }
    expect(readdirSync(folder)).toEqual(["S.json"]);
  });

  test.each([
    ["empty", ""],
    ["half written", '{"version":1,"instances":[{"servi'],
    ["of another version", '{"version":2,"instances":[]}'],
    ["without instances", '{"version":1,"instances":[]}'],
    ["with a wrong port", JSON.stringify({ version: 1, instances: [{ ...instance(1), port: 99_999 }] })],
  ])(
    "a file that is %s is ignored with a line in the log, and replaced by the next list",
    async (_, text) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path(), text);
      const snapshots = open();
      expect(snapshots.read("S")).toBeUndefined();
      expect(warnings).toEqual(["the snapshot of instances can't be read"]);
      snapshots.save("S", [instance(1)]);
      await snapshots.close();
      expect(stored()).toEqual([instance(1)]);
    },
  );

  test("a file with any byte changed is never read as another list", async () => {
    const snapshots = open();
    snapshots.save("S", [instance(8001), instance(8002)]);
    await snapshots.close();
    const bytes = readFileSync(path());
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x01;
      writeFileSync(path(), damaged);
      const read = open().read("S");
      if (read !== undefined) expect(read.instances).toEqual([instance(8001), instance(8002)]);
    }
    expect(warnings.length).toBeGreaterThan(bytes.length - 20);
  });

  test("a file of an earlier version, without a checksum, is read", () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path(), JSON.stringify({ version: 1, instances: [instance(1)] }));
    expect(open().read("S")?.instances).toEqual([instance(1)]);
  });

  test("a folder that can't be written costs one line in the log, and nothing once it can", async () => {
    writeFileSync(join(data, "discovery"), "in the way");
    const snapshots = open();
    for (const port of [1, 2, 3]) {
      snapshots.save("S", [instance(port)]);
      await snapshots.close();
    }
    expect(warnings).toEqual(["the snapshot of instances can't be written"]);
    expect(snapshots.read("S")).toBeUndefined();
    // Once it can be written, the next time the registry gives the list is enough.
    await rm(join(data, "discovery"));
    snapshots.save("S", [instance(3)]);
    await snapshots.close();
    expect(stored()).toEqual([instance(3)]);
  });

  test("registries, namespaces, groups and clusters have folders of their own, inside the data folder", () => {
    const folders = [
      snapshotFolder(data, "a:1", "public", "g"),
      snapshotFolder(data, "a:1", "public", "g", "c"),
      snapshotFolder(data, "a:2", "public", "g"),
      snapshotFolder(data, "a:1", "public,g", ""),
      snapshotFolder(data, "../../x", "*", "/"),
    ];
    expect(new Set(folders).size).toBe(5);
    for (const each of folders) expect(join(each, "..")).toBe(join(data, "discovery"));
  });
});
