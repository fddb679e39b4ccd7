// The ports of a running system, found from the outside, and what a stranger would try at each.

import { connect, type Socket } from "node:net";
import { GRPC_PORT_OFFSET } from "../../../lib/nacos/grpc/methods.ts";
import { readState } from "../../../local/helper/state-file.ts";
import { type ListeningSocket, listeningSockets } from "../../support/listening-sockets.ts";
import { until } from "../../support/poll.ts";
import type { System } from "../../support/system.ts";

export interface Listener extends ListeningSocket {
  readonly name: string;
  readonly kind: "http" | "tcp" | "udp";
  /** Listens where HOST says; all others on loopback. */
  readonly configured?: boolean;
  /** How a request begins that is answered with 200; a body is `{}`. */
  readonly request?: readonly string[];
  /** How a request begins whose body is read. */
  readonly upload?: readonly string[];
}

type Known = Omit<Listener, keyof ListeningSocket>;

/** Those that run; `others` are pids besides the system's own. @throws {Error} for one that is not known. */
export async function enumerate(system: System, others: readonly number[] = []): Promise<Listener[]> {
  const leases = (await readState(system.dataDir))?.port;
  return listeningSockets([...system.pids(), ...others]).map((socket) => {
    const found = known(system, leases, socket);
    if (found === undefined) throw new Error(`Nobody knows what listens at ${JSON.stringify(socket)}`);
    return { ...socket, ...found };
  });
}

const JSON_BODY = "content-type: application/json";

function known(system: System, leases: number | undefined, socket: ListeningSocket): Known | undefined {
  const { env } = system;
  const registry = env["NACOS_SERVER"]?.split(":").at(-1);
  const byPort: Readonly<Record<string, Known>> = {
    [`tcp ${env["ORDER_SERVICE_PORT"]}`]: api("OrderService", "/api/orders/"),
    [`tcp ${env["PAYMENT_SERVICE_PORT"]}`]: api("PaymentService", "/api/payments/"),
    [`tcp ${env["NOTIFICATION_SERVICE_PORT"]}`]: api("NotificationService", "/api/notifications/"),
    [`tcp ${env["GATEWAY_PORT"]}`]: api("gateway", "/api/orders/"),
    [`tcp ${registry}`]: http(
      "registry",
      ["GET /nacos/v1/ns/service/list?pageNo=1&pageSize=10 HTTP/1.1"],
      ["POST /nacos/v1/cs/configs HTTP/1.1", "content-type: application/x-www-form-urlencoded"],
    ),
    [`tcp ${Number(registry) + GRPC_PORT_OFFSET}`]: { name: "registry's gRPC", kind: "tcp" },
    [`tcp ${env["METRICS_PORT"]}`]: http(
      "metrics",
      ["GET /metrics HTTP/1.1"],
      ["POST /metrics HTTP/1.1", JSON_BODY],
    ),
    [`tcp ${env["CONTROL_ROOM_PORT"]}`]: http(
      "control room",
      ["GET /api/session HTTP/1.1"],
      ["POST /v1/traces HTTP/1.1", JSON_BODY],
    ),
    [`tcp ${env["DB_PORT"]}`]: http("database", [...LIST_TABLES, "content-length: 2"], LIST_TABLES),
    [`tcp ${env["MAIL_PAGE_PORT"]}`]: http("mail page", ["GET /api/messages HTTP/1.1"], ["POST / HTTP/1.1"]),
    [`tcp ${env["MAIL_SMTP_PORT"]}`]: { name: "SMTP", kind: "tcp" },
    [`tcp ${leases}`]: { name: "helper's leases", kind: "tcp" },
  };
  if (socket.protocol === "tcp") return byPort[`tcp ${socket.port}`];
  return {
    name: socket.pid === system.pid ? "registry's pushes (in)" : "registry's pushes (out)",
    kind: "udp",
  };
}

const LIST_TABLES = [
  "POST / HTTP/1.1",
  "x-amz-target: DynamoDB_20120810.ListTables",
  "authorization: AWS4-HMAC-SHA256 x",
];

const http = (name: string, request: readonly string[], upload: readonly string[]): Known => ({
  name,
  kind: "http",
  request,
  upload,
});
const api = (name: string, path: string): Known => ({
  ...http(name, [`GET ${path} HTTP/1.1`], [`POST ${path} HTTP/1.1`, JSON_BODY]),
  configured: true,
});

/** A stranger's request: what is sent, and the statuses that show that there is a guard. */
export interface Attempt {
  readonly column: string;
  readonly guarded: readonly string[];
  head(listener: Listener): readonly string[];
}

const OWN = "host: localhost";
const withHeaders = ({ request = [] }: Listener, ...headers: string[]) => [...request, ...headers];

export const WELL: Attempt = { column: "own", guarded: ["200"], head: (one) => withHeaders(one, OWN) };

export const ATTEMPTS: readonly Attempt[] = [
  {
    column: "foreign Host",
    guarded: ["400", "421"],
    head: (one) => withHeaders(one, "host: evil.example"),
  },
  {
    column: "foreign Origin",
    guarded: ["403"],
    head: (one) => withHeaders(one, OWN, "origin: http://evil.example"),
  },
  {
    column: "cross-site",
    guarded: ["403"],
    head: (one) => withHeaders(one, OWN, "sec-fetch-site: cross-site"),
  },
  {
    column: "preflight",
    guarded: ["403"],
    head: () => [
      "OPTIONS / HTTP/1.1",
      OWN,
      "origin: http://evil.example",
      "access-control-request-method: POST",
    ],
  },
  {
    column: "head of 100 kB",
    guarded: ["431"],
    head: (one) => withHeaders(one, OWN, `x-long: ${"x".repeat(100_000)}`),
  },
  {
    column: "body of 1 GB",
    guarded: ["413"],
    head: () => ["POST / HTTP/1.1", OWN, `content-length: ${1 << 30}`],
  },
];

export interface Client {
  readonly socket: Socket;
  /** What it has received so far. */
  readonly text: () => string;
  readonly isOpen: () => boolean;
}

export function client({ port, address }: Pick<ListeningSocket, "port" | "address">): Client {
  const socket = connect(port, address.includes(":") ? "::1" : "127.0.0.1").setEncoding("latin1");
  let text = "";
  socket.on("data", (part: string) => {
    text += part;
  });
  socket.on("error", () => {});
  return { socket, text: () => text, isOpen: () => !socket.destroyed };
}

/** Makes the attempt and resolves with the status of the answer; `closed` when the connection ends without one. */
export async function statusOf(listener: Listener, { head }: Attempt): Promise<string> {
  const { socket, text, isOpen } = client(listener);
  const lines = head(listener);
  const body = lines.includes("content-length: 2") ? "{}" : "";
  socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1");
  const status = () => /^HTTP\/1\.1 (\d+)/.exec(text())?.[1];
  const found = await until("there is an answer", () => status() ?? (isOpen() ? undefined : "closed"));
  socket.destroy();
  return found;
}

/** Sends `text` again and again until the connection ends. */
function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 200);
  socket.once("close", () => clearInterval(timer));
}

/** Ways to hold a connection for long; each for listeners of these kinds. */
export const HOLDS: readonly {
  readonly column: string;
  readonly kinds: readonly Listener["kind"][];
  begin(socket: Socket, listener: Listener): void;
}[] = [
  { column: "says nothing", kinds: ["http", "tcp"], begin: () => {} },
  {
    column: "slow head",
    kinds: ["http"],
    begin(socket) {
      socket.write("GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ");
      drip(socket, "x");
    },
  },
  {
    column: "slow body",
    kinds: ["http"],
    begin(socket, { upload = [] }) {
      socket.write(`${[...upload, OWN, "content-length: 1000"].join("\r\n")}\r\n\r\n`);
      drip(socket, " ");
    },
  },
  {
    column: "slow chunks",
    kinds: ["http"],
    begin(socket, { upload = [] }) {
      socket.write(`${[...upload, OWN, "transfer-encoding: chunked"].join("\r\n")}\r\n\r\n`);
      drip(socket, "1\r\n \r\n");
    },
  },
  {
    column: "kept, unused",
    kinds: ["http"],
    begin(socket, listener) {
      const body = listener.name === "database" ? "{}" : "";
      socket.write(`${withHeaders(listener, OWN).join("\r\n")}\r\n\r\n${body}`);
    },
  },
  { column: "slow line", kinds: ["tcp"], begin: (socket) => drip(socket, "x") },
];
