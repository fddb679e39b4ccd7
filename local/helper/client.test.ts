import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../lib/config/env.ts";
import { GRPC_PORT_OFFSET } from "../../lib/nacos/grpc/methods.ts";
import { freePortGroup, freePorts, listen as listenOn } from "../../tests/support/free-ports.ts";
import { eventually, until } from "../../tests/support/poll.ts";
import { isAlive } from "../../tests/support/processes.ts";
import { listedHosts } from "../../tests/support/registry-list.ts";
import { call, order, orders, plainOrders, plainPut } from "../database/test-client.ts";
import type { Log } from "../shared/log.ts";
import { ensureHelper, type Helper } from "./client.ts";
import { readState } from "./state-file.ts";

let root: string;
let env: Record<string, string>;
const held: Helper[] = [];
const holders: ChildProcess[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "helper-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  const folder = await mkdtemp(join(root, "run-"));
  const [database, registry, smtp, page] = await freePorts(4);
  env = {
    DB_ENGINE: "embedded",
    DB_PORT: `${database}`,
    NACOS_SERVER: `127.0.0.1:${registry}`,
    MAIL_SMTP_PORT: `${smtp}`,
    MAIL_PAGE_PORT: `${page}`,
    DATA_DIR: join(folder, "data"),
    LOG_DIR: join(folder, "logs"),
  };
});
afterEach(async () => {
  const state = await readState(env["DATA_DIR"] ?? "");
  for (const helper of held.splice(0)) helper.release();
  for (const holder of holders.splice(0)) holder.kill("SIGKILL");
  for (const server of servers.splice(0)) server.close();
  if (state && isAlive(state.pid)) {
    process.kill(state.pid, "SIGTERM");
    await until("the helper ends", () => !isAlive(state.pid));
  }
});

async function ensure(
  more: Record<string, string> = {},
  graceMs = 300,
  log: Log = () => {},
): Promise<Helper> {
  const helper = await ensureHelper({ config: loadConfig({ ...env, ...more }), log, graceMs });
  held.push(helper);
  return helper;
}

/** A runtime in another process. */
async function holder(
  graceMs: number,
  instance = randomUUID(),
): Promise<{ child: ChildProcess; helper: Helper }> {
  const script = new URL("test-holder.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, String(graceMs), instance], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  holders.push(child);
  const [text] = await once(child.stdout, "data");
  const helper: Helper = JSON.parse(String(text));
  return { child, helper };
}

const put = (helper: Helper, id: string) =>
  call(helper.database?.port ?? 0, "PutItem", { TableName: "orders", Item: order(id) });
const get = (helper: Helper, id: string) =>
  call(helper.database?.port ?? 0, "GetItem", { TableName: "orders", Key: { id: { S: id } } });

describe("ensureHelper", () => {
  test("starts database, registry and mail catcher in one process, ready for use", async () => {
    const helper = await ensure();
    expect(helper).toMatchObject({
      started: true,
      database: { host: "127.0.0.1", port: Number(env["DB_PORT"]) },
      registry: { host: "127.0.0.1" },
      mail: { smtpPort: Number(env["MAIL_SMTP_PORT"]), smtpUrl: `smtp://127.0.0.1:${env["MAIL_SMTP_PORT"]}` },
    });
    expect((await call(helper.database?.port ?? 0, "ListTables", {})).body).toEqual({ TableNames: [] });
    const metrics = await fetch(`http://${env["NACOS_SERVER"]}/nacos/v1/ns/operator/metrics`);
    expect(await metrics.json()).toEqual({ status: "UP" });
    expect((await fetch(`${helper.mail?.pageUrl}api/messages`)).status).toBe(200);
  });

  test("of many runtimes at the same moment ends with one helper", async () => {
    const others = [holder(300), holder(300)];
    const here = await Promise.all([ensure(), ensure()]);
    const all = [...here, ...(await Promise.all(others)).map(({ helper }) => helper)];
    expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
    expect(all.filter(({ started }) => started)).toHaveLength(1);
  });

  test("announces what is due in the database to every runtime, until it is done", async () => {
    const [one, other] = [await ensure(), await ensure()];
    expect([one.announces, other.announces]).toEqual([true, true]);
    const announced: string[] = [];
    one.onDue((tables) => announced.push(`one ${tables.join(" ")}`));
    other.onDue((tables) => announced.push(`other ${tables.join(" ")}`));
    const port = one.database?.port ?? 0;
    await call(port, "CreateTable", plainOrders);
    const [operation, { TableName, Item, ...condition }] = plainPut("1", 1, {});
    const due = { due_shard: { S: "0" }, due_at: { S: `${new Date().toISOString()}#1` } };
    await call(port, operation, { TableName, Item: { ...Item, ...due }, ...condition });
    await until("both know", () => new Set(announced).size === 2);
    expect(new Set(announced)).toEqual(new Set(["one plain", "other plain"]));
    const before = announced.length;
    await until("they are reminded", () => announced.length > before);
    await call(port, ...plainPut("1", 2, {}));
    other.release();
  });

  test("adds what an earlier runtime did not need to the helper that runs", async () => {
    const first = await ensure({ SMTP_URL: "smtp://mail.example.com" });
    const second = await ensure();
    expect([first.mail, second.mail?.smtpPort]).toEqual([undefined, Number(env["MAIL_SMTP_PORT"])]);
    expect(second.pid).toBe(first.pid);
  });

  test("starts nothing if every server is another's", async () => {
    const elsewhere = {
      DB_ENGINE: "dynamodb",
      EMBEDDED_REGISTRY: "off",
      SMTP_URL: "smtp://mail.example.com",
    };
    expect(await ensure(elsewhere)).toMatchObject({ started: false });
    expect(await readState(env["DATA_DIR"] ?? "")).toBeUndefined();
  });

  test("says where the registry has gRPC, also to those who join, and that it has none where the port is in use", async () => {
    const registry = await freePortGroup([0, GRPC_PORT_OFFSET]);
    env["NACOS_SERVER"] = `127.0.0.1:${registry}`;
    const expected = { registry: { port: registry, grpcPort: registry + GRPC_PORT_OFFSET } };
    expect(await ensure()).toMatchObject(expected);
    expect(await ensure()).toMatchObject({ started: false, ...expected });
    const other = await freePortGroup([0, GRPC_PORT_OFFSET]);
    const program = createServer();
    servers.push(program);
    await listenOn(program, other + GRPC_PORT_OFFSET);
    const elsewhere = {
      NACOS_SERVER: `127.0.0.1:${other}`,
      DATA_DIR: join(root, "elsewhere"),
      DB_PORT: String((await freePorts(1))[0]),
      SMTP_URL: "smtp://127.0.0.1:1",
    };
    expect(await ensure(elsewhere)).toMatchObject({ registry: { port: other, grpcPort: null } });
  });

  test("uses a registry that answers already", async () => {
    const nacos = createHttpServer((_request, response) => response.end('{"status":"UP"}'));
    env["NACOS_SERVER"] = `127.0.0.1:${await listen(nacos)}`;
    const helper = await ensure();
    expect([helper.registry, helper.database?.host]).toEqual([undefined, "127.0.0.1"]);
  });
});

describe("a runtime that joins with other settings", () => {
  const other = async (setting: string) => {
    const [port] = await freePorts(1);
    return { [setting]: setting === "NACOS_SERVER" ? `127.0.0.1:${port}` : `${port}` };
  };

  test.each(["DB_PORT", "NACOS_SERVER", "MAIL_SMTP_PORT", "MAIL_PAGE_PORT"])(
    "does not start while another one runs: the error names %s with both values",
    async (setting) => {
      const first = await ensure();
      const asked = await other(setting);
      const refused = ensure(asked);
      await expect(refused).rejects.toMatchObject({ name: "StartUpError", code: "helper_settings_differ" });
      await expect(refused).rejects.toThrow(
        `with ${setting}=${env[setting]} (here ${asked[setting]}). Use the same settings in .env, set another DATA_DIR, or stop`,
      );
      expect(await ensure()).toMatchObject({ pid: first.pid, started: false, database: first.database });
    },
  );

  test("gets an error that names all that differs", async () => {
    await ensure();
    const asked = { ...(await other("DB_PORT")), ...(await other("NACOS_SERVER")) };
    await expect(ensure(asked)).rejects.toThrow(/DB_PORT=.*, NACOS_SERVER=/);
  });

  test.each([
    ["DB_PORT", ({ database }: Helper) => database?.port],
    ["NACOS_SERVER", ({ registry }: Helper) => registry?.port],
    ["MAIL_SMTP_PORT", ({ mail }: Helper) => mail?.smtpPort],
    ["MAIL_PAGE_PORT", ({ mail }: Helper) => mail?.pagePort],
  ])("after the last one has ended gets a helper with its own %s, and all data", async (setting, portOf) => {
    const first = await ensure({}, 20_000);
    await call(first.database?.port ?? 0, "CreateTable", orders);
    await put(first, "10");
    first.release();
    const asked = await other(setting);
    const second = await ensureAfter(first, asked);
    expect(isAlive(first.pid ?? 0)).toBe(false);
    expect(portOf(second)).toBe(Number(asked[setting]?.split(":").at(-1)));
    expect((await get(second, "10")).body.Item).toEqual(order("10"));
  });

  test("after the last one has ended gets a helper that writes to its own LOG_DIR", async () => {
    const first = await ensure({}, 20_000);
    first.release();
    const LOG_DIR = join(root, "other-logs");
    const second = await ensureAfter(first, { LOG_DIR });
    expect(await readFile(join(LOG_DIR, "helper.log"), "utf8")).toContain(`"pid":${second.pid}`);
  });

  test.each([
    ["LOG_DIR", "/tmp/elsewhere"],
    ["LISTENER_WAIT_SECONDS", "20"],
    ["LISTENER_CONNECTIONS", "500"],
  ])("that do not matter to it joins, with a warning that names %s", async (setting, value) => {
    const first = await ensure();
    const lines: unknown[] = [];
    const log: Log = (level, message, fields) => lines.push([level, message, fields]);
    const second = await ensure({ [setting]: value }, 300, log);
    expect(second.pid).toBe(first.pid);
    expect(lines).toContainEqual([
      "warn",
      "another runtime started the helper process with other settings, which it keeps",
      { differences: expect.stringMatching(new RegExp(`^${setting}=[^,]+ \\(here ${value}\\)$`)) },
    ]);
  });

  test("that mean the same joins without a word", async () => {
    const first = await ensure();
    const lines: unknown[] = [];
    const log: Log = (level) => lines.push(level);
    const { port } = new URL(`http://${env["NACOS_SERVER"]}`);
    const second = await ensure({ NACOS_SERVER: `localhost:${port}` }, 300, log);
    expect(second.pid).toBe(first.pid);
    expect(lines).toEqual(["info"]);
  });

  test("uses the registry that answers at its own address, beside the helper's", async () => {
    const first = await ensure();
    const nacos = createHttpServer((_request, response) => response.end('{"status":"UP"}'));
    const second = await ensure({ NACOS_SERVER: `127.0.0.1:${await listen(nacos)}` });
    expect(second).toMatchObject({ pid: first.pid, database: first.database });
    expect(second.registry).toBeUndefined();
  });
});

/** Joins with other settings after `first` was released. Until the helper has seen the release, that runtime counts as running. */
async function ensureAfter(first: Helper, settings: Record<string, string>): Promise<Helper> {
  const taken = () =>
    ensure(settings).catch((error: { readonly code?: string }) => {
      if (error.code !== "helper_settings_differ") throw error;
      return undefined;
    });
  let helper: Helper | undefined;
  await until("another helper runs", async () => {
    helper = await taken();
    if (helper?.pid === first.pid) helper?.release();
    return helper !== undefined && helper.pid !== first.pid;
  });
  if (helper === undefined) throw new Error("no helper");
  return helper;
}

describe("the helper process", () => {
  test("ends by itself after its only runtime was killed with -9", async () => {
    const { child, helper } = await holder(3_000);
    child.kill("SIGKILL");
    await until("the helper ends", () => !isAlive(helper.pid ?? 0));
    expect(await readState(env["DATA_DIR"] ?? "")).toBeUndefined();
  });

  test("lives on for a second runtime", async () => {
    const { child, helper } = await holder(200);
    const second = await ensure();
    child.kill("SIGKILL");
    await once(child, "exit");
    for (const end = Date.now() + 600; Date.now() < end; await sleep(50))
      expect(isAlive(helper.pid ?? 0)).toBe(true);
    expect((await call(second.database?.port ?? 0, "ListTables", {})).status).toBe(200);
    second.release();
    await until("the helper ends", () => !isAlive(helper.pid ?? 0));
  });

  test("takes a killed runtime's instances out of the registry at once, and nobody else's", async () => {
    const instance = randomUUID();
    const { child } = await holder(60_000, instance);
    const { registry } = await ensure();
    const url = `http://127.0.0.1:${registry?.port}`;
    // Its pid says nothing: a process in a container may have the same one.
    const register = async (port: number, own = instance) => {
      const patient = { "preserved.heart.beat.timeout": "600000", "preserved.ip.delete.timeout": "600000" };
      const metadata = JSON.stringify({ ...patient, instance: own, pid: String(child.pid) });
      const params = { serviceName: "OrderService", ip: "127.0.0.1", port: String(port), metadata };
      const reply = await fetch(`${url}/nacos/v1/ns/instance?${new URLSearchParams(params)}`, {
        method: "POST",
      });
      expect(reply.status).toBe(200);
    };
    await register(1);
    await register(2);
    await register(3, randomUUID());
    const listed = async () => (await listedHosts(url, "OrderService")).map(({ port }) => port).sort();
    expect(await listed()).toEqual([1, 2, 3]);
    child.kill("SIGKILL");
    await eventually(async () => expect(await listed()).toEqual([3]));
  });

  test.each([
    ["is damaged", (text: string) => text.replace(/"port":\d/, '"port":7')],
    ["is cut off", (text: string) => text.slice(0, 20)],
    ["is gone", () => undefined],
  ])("whose state file %s writes it again, and can be joined", async (_, change) => {
    const first = await ensure();
    const path = join(env["DATA_DIR"] ?? "", "helper.json");
    const changed = change(await readFile(path, "utf8"));
    if (changed === undefined) await rm(path);
    else await writeFile(path, changed);
    expect(await readState(env["DATA_DIR"] ?? "")).toBeUndefined();
    expect((await ensure()).pid).toBe(first.pid);
  });

  test("that is killed with -9 is reported, and started again with all its data", async () => {
    const first = await ensure();
    await call(first.database?.port ?? 0, "CreateTable", orders);
    expect((await put(first, "10")).status).toBe(200);
    const exit = new Promise<void>((resolve) => first.onExit(resolve));
    process.kill(first.pid ?? 0, "SIGKILL");
    await exit;
    const second = await ensure();
    expect(second).toMatchObject({ started: true, database: first.database });
    expect(second.pid).not.toBe(first.pid);
    expect((await get(second, "10")).body.Item).toEqual(order("10"));
  });

  test("ignores Ctrl-C and ends cleanly on SIGTERM", async () => {
    const { pid = 0, ...helper } = await ensure();
    process.kill(pid, "SIGINT");
    expect((await call(helper.database?.port ?? 0, "ListTables", {})).status).toBe(200);
    process.kill(pid, "SIGTERM");
    await until("the helper ends", () => !isAlive(pid));
    expect(await readFile(join(env["LOG_DIR"] ?? "", "helper.log"), "utf8")).toContain('"reason":"SIGTERM"');
  });

  test("turns away whoever does not know the secret", async () => {
    await ensure();
    const state = await readState(env["DATA_DIR"] ?? "");
    const socket = connect(state?.port ?? 0, "127.0.0.1");
    socket.write(`${JSON.stringify({ secret: "x".repeat(state?.secret.length ?? 0), wanted: {} })}\n`);
    let answer = "";
    socket.on("data", (part) => {
      answer += part;
    });
    await once(socket, "close");
    expect(answer).toBe("");
  });
});

describe("ensureHelper refuses with what to do", () => {
  test.each([
    ["DB_PORT", "embedded database"],
    ["MAIL_SMTP_PORT", "mail catcher"],
    ["MAIL_PAGE_PORT", "mail catcher"],
    ["NACOS_SERVER", "embedded registry"],
  ])("a taken port of %s, and no process remains", async (setting, purpose) => {
    const port = await listen(createServer((socket) => socket.end("no\r\n")));
    const value = setting === "NACOS_SERVER" ? `127.0.0.1:${port}` : String(port);
    const text = `Port ${port} (${purpose}) is in use by pid ${process.pid}`;
    await expect(ensure({ [setting]: value })).rejects.toMatchObject({
      name: "StartUpError",
      message: expect.stringMatching(
        new RegExp(`^${text.replace(/[()]/g, "\\$&")}.*Set ${setting} in \\.env`),
      ),
    });
    await until("the helper ends", async () => (await readState(env["DATA_DIR"] ?? "")) === undefined);
  });

  test("a data folder that cannot be made", async () => {
    await writeFile(join(root, "file"), "");
    await expect(ensure({ DATA_DIR: join(root, "file", "data") })).rejects.toMatchObject({
      name: "StartUpError",
      message: expect.stringContaining("DATA_DIR"),
    });
  });

  test("a log folder that cannot be made", async () => {
    await writeFile(join(root, "file"), "");
    await expect(ensure({ LOG_DIR: join(root, "file", "logs") })).rejects.toMatchObject({
      name: "StartUpError",
      message: expect.stringContaining("LOG_DIR"),
    });
  });
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  return listenOn(server);
}
