// Every port that the system opens, found from the outside, and each one put to what a stranger would try: another machine's
// page, another name, too much, too slow. A port that is not known here, or has no guard, fails.

import { createSocket, type Socket as Datagrams } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ListeningSocket, listeningSockets } from "../../support/listening-sockets.ts";
import { until } from "../../support/poll.ts";
import { shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

interface Known {
  readonly name: string;
  readonly kind: "http" | "tcp" | "udp";
  /** Listens where HOST says; all others on loopback. */
  readonly configured?: boolean;
  /** How a request begins that is answered with 200; a body is `{}`. */
  readonly request?: readonly string[];
}

const GET = (path: string) => [`GET ${path} HTTP/1.1`];

/** Names what listens at `socket`; undefined for what nobody knows. */
function known(system: System, socket: ListeningSocket): Known | undefined {
  const { env } = system;
  const registry = env["NACOS_SERVER"]?.split(":")[1];
  const byPort: Readonly<Record<string, Known>> = {
    [`tcp ${env["ORDER_SERVICE_PORT"]}`]: api("OrderService", "/api/orders/"),
    [`tcp ${env["PAYMENT_SERVICE_PORT"]}`]: api("PaymentService", "/api/payments/"),
    [`tcp ${env["NOTIFICATION_SERVICE_PORT"]}`]: api("NotificationService", "/api/notifications/"),
    [`tcp ${env["GATEWAY_PORT"]}`]: api("gateway", "/api/orders/"),
    [`tcp ${registry}`]: http("registry", GET("/nacos/v1/ns/service/list?pageNo=1&pageSize=10")),
    [`tcp ${env["DB_PORT"]}`]: http("database", [
      "POST / HTTP/1.1",
      "x-amz-target: DynamoDB_20120810.ListTables",
      "authorization: AWS4-HMAC-SHA256 x",
      "content-length: 2",
    ]),
    [`tcp ${env["MAIL_PAGE_PORT"]}`]: http("mail page", GET("/api/messages")),
    [`tcp ${env["MAIL_SMTP_PORT"]}`]: { name: "SMTP", kind: "tcp" },
    [`tcp ${leasePort(system)}`]: { name: "helper's leases", kind: "tcp" },
  };
  if (socket.protocol === "tcp") return byPort[`tcp ${socket.port}`];
  return {
    name: socket.pid === system.pid ? "registry's pushes, in" : "registry's pushes, out",
    kind: "udp",
  };
}

const http = (name: string, request: readonly string[]): Known => ({ name, kind: "http", request });
const api = (name: string, path: string): Known => ({ ...http(name, GET(path)), configured: true });

const leasePort = ({ dataDir }: System): number =>
  JSON.parse(readFileSync(join(dataDir, "helper.json"), "utf8")).port;

/** Those that run, found from the outside; fails for one that is not known. */
function enumerate(system: System): readonly (ListeningSocket & Known)[] {
  return listeningSockets(system.pids()).map((socket) => {
    const found = known(system, socket);
    if (found === undefined) throw new Error(`Nobody knows what listens at ${JSON.stringify(socket)}`);
    return { ...socket, ...found };
  });
}

const EVERY_TCP = [
  "NotificationService",
  "OrderService",
  "PaymentService",
  "SMTP",
  "database",
  "gateway",
  "helper's leases",
  "mail page",
  "registry",
];

const LOOPBACK = ["127.0.0.1", "::1"];
const isOpen = (socket: Socket) => !socket.destroyed;

/** What a client has heard so far. */
function client({ port }: ListeningSocket) {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  let text = "";
  socket.on("data", (part: string) => {
    text += part;
  });
  socket.on("error", () => {});
  return { socket, text: () => text };
}

/** Sends this and resolves with the status of the answer; `closed` when the connection ends without one. */
async function statusOf(listener: ListeningSocket, head: readonly string[]): Promise<string> {
  const { socket, text } = client(listener);
  const body = head.includes("content-length: 2") ? "{}" : "";
  socket.write(`${head.join("\r\n")}\r\n\r\n${body}`, "latin1");
  const status = () => /^HTTP\/1\.1 (\d+)/.exec(text())?.[1];
  const found = await until("there is an answer", () => status() ?? (isOpen(socket) ? undefined : "closed"));
  socket.destroy();
  return found;
}

describe("a system on this machine alone", () => {
  let system: System;
  let listeners: readonly (ListeningSocket & Known)[];
  const table: Record<string, Record<string, string>> = {};
  const note = (name: string, column: string, value: string) => {
    table[name] = { ...table[name], [column]: value };
  };

  beforeAll(async () => {
    system = await startSystem();
    const customer = shop(system.urls);
    // A call between services opens what only calls need.
    expect((await customer.pay((await customer.order()).body.id)).status).toBe(201);
    listeners = enumerate(system);
  }, 130_000);

  afterAll(async () => {
    print(table);
    await system?.cleanUp();
  });

  test("opens what is needed, and nothing beyond loopback", () => {
    const tcp = listeners.filter(({ protocol }) => protocol === "tcp").map(({ name }) => name);
    expect(tcp.sort()).toEqual(EVERY_TCP);
    const udp = listeners.filter(({ protocol }) => protocol === "udp").map(({ name }) => name);
    expect(udp.sort()).toEqual(["registry's pushes, in", "registry's pushes, out"]);
    for (const { name, address } of listeners) note(name, "bind", address);
    expect(listeners.filter(({ address }) => !LOOPBACK.includes(address))).toEqual([]);
  });

  const perHttp = async (
    column: string,
    wanted: readonly string[],
    head: (one: Known) => readonly string[],
  ) => {
    const http = listeners.filter(({ kind }) => kind === "http");
    for (const listener of http) note(listener.name, column, await statusOf(listener, head(listener)));
    const others = http.filter(({ name }) => !wanted.includes(table[name]?.[column] ?? ""));
    expect(others.map(({ name }) => [name, table[name]?.[column]])).toEqual([]);
  };
  const own = "host: localhost";
  const request = ({ request = [] }: Known, ...headers: string[]) => [...request, ...headers];

  test("answers what is well", () => perHttp("own", ["200"], (one) => request(one, own)));

  test("answers to no name but its own", () =>
    perHttp("foreign Host", ["400", "421"], (one) => request(one, "host: evil.example")));

  test("answers no page of another origin", async () => {
    await perHttp("foreign Origin", ["403"], (one) => request(one, own, "origin: http://evil.example"));
    await perHttp("cross-site", ["403"], (one) => request(one, own, "sec-fetch-site: cross-site"));
    await perHttp("preflight", ["403"], () => [
      "OPTIONS / HTTP/1.1",
      own,
      "origin: http://evil.example",
      "access-control-request-method: POST",
    ]);
  });

  test("takes no head and no body without a limit", async () => {
    const long = `x-long: ${"x".repeat(100_000)}`;
    await perHttp("head of 100 kB", ["431"], (one) => request(one, own, long));
    await perHttp("body of 1 GB", ["413"], () => ["POST / HTTP/1.1", own, `content-length: ${1 << 30}`]);
  });

  test("waits for nobody for long", async () => {
    const waiting = listeners
      .filter(({ protocol }) => protocol === "tcp")
      .flatMap((listener) =>
        Array.from({ length: listener.name === "database" ? 100 : 5 }, (_, index) => {
          const { socket } = client(listener);
          if (index % 2 === 1 && listener.kind === "http") socket.write("POST / HTTP/1.1\r\nhost: loc");
          return { name: listener.name, socket, since: performance.now() };
        }),
      );
    for (const { name, socket, since } of waiting) {
      socket.once("close", () =>
        note(name, "silent, slow", `${Math.ceil((performance.now() - since) / 1_000)} s`),
      );
    }
    await until("every connection was closed", () => waiting.every(({ socket }) => !isOpen(socket)));
  });

  test("speaks to no browser where it does not speak HTTP", async () => {
    for (const listener of listeners.filter(({ kind }) => kind === "tcp")) {
      const { socket, text } = client(listener);
      socket.write(
        `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n\r\nMAIL FROM:<a@b.c>\r\n`,
      );
      await until("it was closed", () => !isOpen(socket));
      expect(text()).not.toMatch(/^250/m);
      note(listener.name, "own", "no HTTP");
    }
  });

  test("hears datagrams of the registry alone, and says nothing else to anybody", async () => {
    const answers: string[] = [];
    const udp = listeners.filter(({ protocol }) => protocol === "udp");
    const senders: Datagrams[] = [];
    for (const address of ["127.0.0.1", "127.0.0.2"]) {
      const sender = createSocket("udp4").bind(0, address);
      senders.push(sender);
      await once(sender, "listening");
      sender.on("message", (message) => answers.push(String(message)));
      for (const { port } of udp) {
        sender.send('{"type":"dump","lastRefTime":1,"data":"{}"}', port, "127.0.0.1");
        sender.send('{"type":"dom","lastRefTime":1,"data":"{}"}', port, "127.0.0.1");
      }
    }
    // From the registry's address it is a push, which is acknowledged; nothing comes of the other three.
    await until("the push was acknowledged", () => answers.length > 0);
    expect(answers).toEqual([expect.stringContaining("push-ack")]);
    for (const sender of senders) sender.close();
    for (const { name } of udp) note(name, "own", "no dump");
  });

  test("runs on after all that", async () => {
    const pids = [...system.pids()].sort();
    expect([...new Set(listeners.map(({ pid }) => pid))].filter((pid) => !pids.includes(pid))).toEqual([]);
    expect((await shop(system.urls).order()).status).toBe(201);
  });
});

test("a system for others opens to them its services and its gateway, and nothing else", async () => {
  const env = {
    DEBUG: "False",
    HOST: "0.0.0.0",
    SECRET_KEY: "a secret for the listeners' test, long enough",
  };
  const system = await startSystem({ env });
  try {
    const beyond = enumerate(system).filter(({ address }) => !LOOPBACK.includes(address));
    expect(beyond.map(({ name }) => name).sort()).toEqual([
      "NotificationService",
      "OrderService",
      "PaymentService",
      "gateway",
    ]);
    expect(beyond.every(({ configured }) => configured)).toBe(true);
  } finally {
    await system.cleanUp();
  }
}, 180_000);

function print(table: Readonly<Record<string, Readonly<Record<string, string>>>>): void {
  const columns = [...new Set(Object.values(table).flatMap((row) => Object.keys(row)))];
  const rows = [["listener", ...columns]];
  for (const [name, row] of Object.entries(table))
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
