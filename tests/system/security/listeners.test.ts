// Every port that the system opens, found from the outside, and each one put to what a stranger would try: another machine's
// page, another name, too much, too slow, too many. A port that is not known, or has no guard, fails.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { freePorts, listen, portOf } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";
import {
  ATTEMPTS,
  type Client,
  client,
  enumerate,
  HOLDS,
  type Listener,
  statusOf,
  WELL,
} from "./listeners.ts";

const EVERY_TCP = [
  "NotificationService",
  "OrderService",
  "PaymentService",
  "SMTP",
  "control room",
  "database",
  "gateway",
  "helper's leases",
  "mail page",
  "metrics",
  "registry",
  "registry's gRPC",
];

const LOOPBACK = ["127.0.0.1", "::1"];
/** Connections that one stranger opens to a port, and those that it may hold. */
const MANY = 300;
const HELD = 150;

let system: System;
let listeners: readonly Listener[];
/** A server as one would write it without the guard. */
let bare: Server;
let unguarded: Listener;
const table: Record<string, Record<string, string>> = {};
const note = (name: string, column: string, value: string) => {
  table[name] = { ...table[name], [column]: value };
};

beforeAll(async () => {
  const [metrics, room] = await freePorts(2);
  system = await startSystem({
    env: {
      LISTENER_WAIT_SECONDS: "2",
      LISTENER_CONNECTIONS: String(HELD),
      METRICS_PORT: String(metrics),
      CONTROL_ROOM_PORT: String(room),
    },
  });
  const customer = shop(system);
  // A call between services opens what only calls need.
  await until("a payment is begun", async () => {
    const { body } = await customer.order();
    return body.id !== undefined && (await customer.pay(body.id)).status === 201;
  });
  listeners = await enumerate(system);
  bare = createServer({ headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 }, (_, reply) =>
    reply.end("ok"),
  );
  await listen(bare);
  unguarded = {
    name: "without a guard",
    kind: "http",
    protocol: "tcp",
    address: "127.0.0.1",
    port: portOf(bare),
    pid: process.pid,
    request: ["GET / HTTP/1.1"],
    upload: ["POST / HTTP/1.1"],
  };
});

afterAll(async () => {
  print(table);
  bare?.closeAllConnections();
  bare?.close();
  await system?.cleanUp();
});

const tcp = (): readonly Listener[] => listeners.filter(({ protocol }) => protocol === "tcp");

test("the system opens what is needed, and nothing beyond loopback", () => {
  expect(
    tcp()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(EVERY_TCP);
  const udp = listeners.filter(({ protocol }) => protocol === "udp").map(({ name }) => name);
  expect(udp.sort()).toEqual(["registry's pushes (in)", "registry's pushes (out)"]);
  for (const { name, address } of listeners) note(name, "bind", address);
  expect(listeners.filter(({ address }) => !LOOPBACK.includes(address))).toEqual([]);
});

test("a port that nobody knows is found", async () => {
  await expect(enumerate(system, [process.pid])).rejects.toThrow(`"port":${portOf(bare)}`);
});

describe("every HTTP port", () => {
  test.each([WELL, ...ATTEMPTS])("answers as one with a guard: $column", async (attempt) => {
    const { column, guarded } = attempt;
    const http = listeners.filter(({ kind }) => kind === "http");
    for (const listener of http) note(listener.name, column, await statusOf(listener, attempt));
    const others = http.filter(({ name }) => !guarded.includes(table[name]?.[column] ?? ""));
    expect(others.map(({ name }) => [name, table[name]?.[column]])).toEqual([]);
  });

  test("would be noticed without its guard", async () => {
    const passed: string[] = [];
    for (const attempt of ATTEMPTS)
      if (attempt.guarded.includes(await statusOf(unguarded, attempt))) passed.push(attempt.column);
    // Node.js itself has a limit for heads.
    expect(passed).toEqual(["head of 100 kB"]);
  });
});

describe("every TCP port", () => {
  test("waits for nobody for long, whatever of a request is there, and one without a guard waits for ever", async () => {
    const held = [...tcp(), unguarded].flatMap((listener) =>
      HOLDS.filter(({ kinds }) => kinds.includes(listener.kind)).map(({ column, begin }) => {
        const one = client(listener);
        begin(one.socket, listener);
        const since = performance.now();
        one.socket.once("close", () =>
          note(listener.name, column, `${Math.ceil((performance.now() - since) / 1_000)} s`),
        );
        return { ...one, name: listener.name, column };
      }),
    );
    const open = (guarded: boolean) =>
      held
        .filter(({ name, isOpen }) => isOpen() && (name !== unguarded.name) === guarded)
        .map(({ name, column }) => `${name}: ${column}`);
    try {
      await until("every connection was closed", () => open(true).length === 0).catch(() => {});
      expect(open(true)).toEqual([]);
      const endless = HOLDS.filter(({ kinds }) => kinds.includes("http")).map(({ column }) => column);
      expect(open(false)).toEqual(endless.map((column) => `${unguarded.name}: ${column}`));
    } finally {
      for (const { socket } of held) socket.destroy();
    }
  });

  test(`holds no more than it may of ${MANY} connections, and none for long`, async () => {
    const all = new Map<string, readonly Client[]>();
    for (const listener of tcp()) {
      const many = Array.from({ length: MANY }, () => client(listener));
      all.set(listener.name, many);
    }
    const open = (name: string) => all.get(name)?.filter(({ isOpen }) => isOpen()).length ?? 0;
    const names = [...all.keys()];
    await until("those beyond the limit were closed", () => names.every((name) => open(name) <= HELD));
    for (const name of names) note(name, `of ${MANY}`, `≤ ${HELD}`);
    await until("all were closed", () => names.every((name) => open(name) === 0));
  });

  test("answers no browser where it is no HTTP server", async () => {
    for (const listener of listeners.filter(({ kind }) => kind === "tcp")) {
      const { socket, text, isOpen } = client(listener);
      socket.write(
        `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n\r\nMAIL FROM:<a@b.c>\r\n`,
      );
      await until("it was closed", () => !isOpen());
      expect(text()).not.toMatch(/^250/m);
      note(listener.name, "own", "no HTTP");
    }
  });
});

test("every UDP port accepts datagrams of the registry alone, and answers no other", async () => {
  const udp = listeners.filter(({ protocol }) => protocol === "udp");
  const [registry, stranger] = [
    createSocket("udp4").bind(0, "127.0.0.1"),
    createSocket("udp4").bind(0, "127.0.0.2"),
  ];
  const received = { registry: new Set<string>(), stranger: new Set<string>() };
  registry.on("message", (message) => received.registry.add(String(message)));
  stranger.on("message", (message) => received.stranger.add(String(message)));
  const push = '{"type":"dom","lastRefTime":1,"data":"{}"}';
  const junk = [push.replace("dom", "dump"), "x".repeat(60_000), gzipSync("x".repeat(8 << 20)), "{}"];
  try {
    await Promise.all([once(registry, "listening"), once(stranger, "listening")]);
    // Datagrams get lost, most of all among many.
    await until("a push was acknowledged", () => {
      for (const { port } of udp) {
        for (const datagram of [push, ...junk]) stranger.send(datagram, port, "127.0.0.1");
        for (const datagram of [...junk, push]) registry.send(datagram, port, "127.0.0.1");
      }
      return received.registry.size > 0;
    });
    expect([...received.registry]).toEqual([expect.stringContaining("push-ack")]);
    expect([...received.stranger]).toEqual([]);
  } finally {
    registry.close();
    stranger.close();
  }
  for (const { name } of udp) note(name, "own", "no dump");
});

test("what docs/security.md says of ports is so", () => {
  const text = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "security.md"), "utf8");
  const rows = [...(text.split("## Ports")[1]?.split("\n## ")[0] ?? "").matchAll(/^\| (.+) \|$/gm)].map(
    ([, row = ""]) => row.split("|").map((cell) => cell.trim()),
  );
  const [columns = [], , ...ports] = rows;
  const said = ports.flatMap(([names = "", ...cells]) =>
    names.split(", ").map((name) => ({
      name,
      cells: Object.fromEntries(columns.slice(1).map((key, at) => [key, cells[at]])),
    })),
  );
  const seen = listeners.map(({ name, address, configured }) => {
    const bind = configured === true ? "`HOST`" : LOOPBACK.includes(address) ? "loopback" : address;
    const shown = columns.slice(2).map((key) => [key, table[name]?.[key] ?? "–"]);
    return { name, cells: { bind, ...Object.fromEntries(shown) } };
  });
  const byName = (one: { readonly name: string }, other: { readonly name: string }) =>
    one.name.localeCompare(other.name);
  expect(said.sort(byName)).toEqual(seen.sort(byName));
});

test("the system runs on after all that", async () => {
  const pids = [...system.pids()].sort();
  expect([...new Set(listeners.map(({ pid }) => pid))].filter((pid) => !pids.includes(pid))).toEqual([]);
  await until("an order is taken", async () => (await shop(system).order()).status === 201);
});

test("a system for others opens to them its services and its gateway, and nothing else", async () => {
  const env = {
    DEBUG: "False",
    HOST: "0.0.0.0",
    SECRET_KEY: "a secret for the listeners' test, long enough",
  };
  const forOthers = await startSystem({ env });
  try {
    const beyond = (await enumerate(forOthers)).filter(({ address }) => !LOOPBACK.includes(address));
    expect(beyond.map(({ name }) => name).sort()).toEqual([
      "NotificationService",
      "OrderService",
      "PaymentService",
      "gateway",
    ]);
    expect(beyond.every(({ configured }) => configured)).toBe(true);
  } finally {
    await forOthers.cleanUp();
  }
});

function print(shown: Readonly<Record<string, Readonly<Record<string, string>>>>): void {
  const columns = [...new Set(Object.values(shown).flatMap((row) => Object.keys(row)))];
  const rows = [["listener", ...columns]];
  for (const [name, row] of Object.entries(shown))
    rows.push([name, ...columns.map((each) => row[each] ?? "–")]);
  const widths = rows[0]?.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  process.stdout.write(`${lines.join("\n")}\n`);
}
