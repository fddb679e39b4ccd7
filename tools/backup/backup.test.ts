import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { restore } from "../../local/database/restore.ts";
import { type Database, startDatabase } from "../../local/database/server.ts";
import { call, order, orders } from "../../local/database/test-client.ts";
import { listen } from "../../tests/support/free-ports.ts";
import { mustRun } from "../../tests/support/run.ts";
import { takeBackup } from "./take.ts";

let folder: string;
let file: string;
let database: Database;
const log = () => {};
const open = async (dataDir = folder) => {
  database = await startDatabase({ host: "127.0.0.1", port: 0, path: join(dataDir, "database"), log });
};
const url = () => `http://127.0.0.1:${database.port}`;
const put = async (id: string, fields: Parameters<typeof order>[1] = {}) => {
  const { status } = await call(database.port, "PutItem", { TableName: "orders", Item: order(id, fields) });
  expect(status).toBe(200);
};
const ids = async (query: object = {}): Promise<string[]> => {
  const operation = Object.keys(query).length === 0 ? "Scan" : "Query";
  const { body } = await call(database.port, operation, { TableName: "orders", ...query });
  return body.Items.map(({ id }: { id: { S: string } }) => id.S).sort();
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "backup-"));
  file = join(folder, "copy");
  await open();
  await call(database.port, "CreateTable", orders);
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** Ends the database, loses its data, and starts another one with those of the backup. */
async function restored(replace = false): Promise<void> {
  await database.close();
  await rm(join(folder, "database"), { recursive: true });
  await restore({ file, dataDir: folder, replace, tables: ["orders"], log });
  await open();
}

describe("a backup", () => {
  test("has every item and index entry, and only its owner can read it", async () => {
    for (let id = 10; id < 60; id += 1) await put(`${id}`, { due: id, text: "订单 \u{1f600}" });
    expect(await takeBackup(url(), file)).toBeGreaterThan(50);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const before = await ids();
    await restored();
    expect(await ids()).toEqual(before);
    const due = {
      IndexName: "by_due",
      KeyConditionExpression: "due_shard = :zero",
      ExpressionAttributeValues: { ":zero": { S: "0" } },
    };
    expect(await ids(due)).toEqual(before);
    await put("60");
    expect(await ids()).toEqual([...before, "60"]);
  });

  test("shows one moment: of what is written one after the other while it is taken, it has all before what it has", async () => {
    const text = "x".repeat(2_000);
    for (let id = 1_000; id < 3_000; id += 1) await put(`b${id}`, { text });
    let writing = true;
    const written: string[] = [];
    const writer = (async () => {
      // At both ends of the keys, which a copy reaches at different times.
      for (let id = 1_000; writing; id += 1)
        for (const end of ["a", "c"]) {
          await put(`${end}${id}`, { text });
          written.push(`${end}${id}`);
        }
    })();
    await takeBackup(url(), file).finally(() => {
      writing = false;
    });
    const atEnd = written.length;
    await writer;
    expect(atEnd).toBeGreaterThan(0);
    await restored();
    const { body } = await call(database.port, "Scan", { TableName: "orders", Select: "COUNT" });
    expect(body.Count).toBeGreaterThan(0);
    const had: boolean[] = [];
    for (const id of written) {
      const query = { TableName: "orders", Key: { id: { S: id } } };
      had.push((await call(database.port, "GetItem", query)).body.Item !== undefined);
    }
    expect(had).toEqual(had.toSorted((one, other) => Number(other) - Number(one)));
  });

  test("replaces an earlier one of its name only when it is whole", async () => {
    await takeBackup(url(), file);
    const first = await readFile(file, "utf8");
    await put("10");
    const server: Server = createServer((_request, response) => {
      response.write(first.slice(0, -10));
      setImmediate(() => response.destroy());
    });
    const broken = `http://127.0.0.1:${await listen(server)}`;
    await expect(takeBackup(broken, file)).rejects.toMatchObject({ code: "backup_damaged" });
    server.close();
    expect(await readFile(file, "utf8")).toBe(first);
    expect((await readdir(folder)).sort()).toEqual(["copy", "database"]);
    await takeBackup(url(), file);
    expect(await readFile(file, "utf8")).not.toBe(first);
  });

  test("goes where a link leads, and takes the place of no folder or device", async () => {
    const link = join(folder, "latest");
    await symlink("copy", link);
    await writeFile(file, "the one before");
    await takeBackup(url(), link);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(file, "utf8")).not.toBe("the one before");
    const pipe = join(folder, "pipe");
    await mustRun("mkfifo", [pipe]);
    for (const path of [pipe, folder]) {
      await expect(takeBackup(url(), path)).rejects.toMatchObject({ message: `${path} is no regular file.` });
    }
    expect((await readdir(folder)).sort()).toEqual(["copy", "database", "latest", "pipe"]);
  });

  test("of what is no embedded database is none", async () => {
    const server = createServer((_request, response) => response.end("healthy: embedded database\n"));
    const other = `http://127.0.0.1:${await listen(server)}`;
    await expect(takeBackup(other, file)).rejects.toMatchObject({ code: "backup_damaged" });
    server.close();
  });
});

describe("a restore", () => {
  beforeEach(async () => {
    await put("10");
    await takeBackup(url(), file);
  });

  test("refuses data that are in use, and keeps those that are there aside, when it may", async () => {
    const locked = { code: "database_path_locked", message: expect.stringContaining("Stop the system") };
    await expect(
      restore({ file, dataDir: folder, replace: true, tables: ["orders"], log }),
    ).rejects.toMatchObject(locked);
    await put("11");
    await database.close();
    const refused = restore({ file, dataDir: folder, replace: false, tables: ["orders"], log });
    await expect(refused).rejects.toMatchObject({ code: "database_exists" });
    const before = join(folder, "database.before-1");
    const done = await restore({ file, dataDir: folder, replace: true, tables: ["orders"], log });
    expect(done).toEqual({ rows: expect.any(Number), before });
    await open();
    expect(await ids()).toEqual(["10"]);
    await database.close();
    expect((await restore({ file, dataDir: folder, replace: true, tables: ["orders"], log })).before).toBe(
      join(folder, "database.before-2"),
    );
    database = await startDatabase({ host: "127.0.0.1", port: 0, path: before, log });
    expect(await ids()).toEqual(["10", "11"]);
  });

  test("of tables that the settings do not name is refused, and changes nothing", async () => {
    await database.close();
    const options = { file, dataDir: folder, replace: true, log };
    await expect(restore({ ...options, tables: ["shop-orders", "shop-payments"] })).rejects.toMatchObject({
      code: "backup_of_other_tables",
      message: expect.stringContaining("DB_NAME"),
    });
    expect((await readdir(folder)).sort()).toEqual(["copy", "database"]);
    await restore({ ...options, tables: ["orders"] });
    await open();
    expect(await ids()).toEqual(["10"]);
  });

  test("that was broken off before its data took their place is no empty system: the start says so, and it can be repeated", async () => {
    await database.close();
    await rename(join(folder, "database"), join(folder, "database.before-1"));
    await mkdir(join(folder, "database.restoring"));
    await expect(open()).rejects.toMatchObject({
      code: "restore_unfinished",
      message: expect.stringContaining("Restore the backup again"),
    });
    await restore({ file, dataDir: folder, replace: false, tables: ["orders"], log });
    await open();
    expect(await ids()).toEqual(["10"]);
    expect((await readdir(folder)).sort()).toEqual(["copy", "database", "database.before-1"]);
  });

  test("without a file says so, and changes nothing", async () => {
    await database.close();
    const missing = { file: join(folder, "none"), dataDir: folder, replace: true, tables: ["orders"], log };
    await expect(restore(missing)).rejects.toMatchObject({ code: "ENOENT" });
    expect((await readdir(folder)).sort()).toEqual(["copy", "database"]);
    await open();
  });

  test("of a file with any part missing, changed or added changes nothing", async () => {
    await database.close();
    const whole = await readFile(file, "utf8");
    const lines = whole.split("\n");
    const damaged = [
      "",
      lines.slice(1).join("\n"),
      lines.slice(0, -2).join("\n"),
      [...lines.slice(0, 1), ...lines.slice(2)].join("\n"),
      whole.replace("ann", "eve"),
      whole.slice(0, -20),
      `${whole}${lines[1]}\n`,
      whole.replace('"format":1', '"format":2'),
    ];
    for (const [index, text] of damaged.entries()) {
      await writeFile(file, text);
      const failed = restore({ file, dataDir: folder, replace: true, tables: ["orders"], log });
      await expect(failed.then(() => index)).rejects.toMatchObject({ code: "backup_damaged" });
    }
    expect((await readdir(folder)).sort()).toEqual(["copy", "database"]);
    await open();
    expect(await ids()).toEqual(["10"]);
  });
});
