// Seeded requests to the project of test-project.ts, and how they are sent.

import { Agent, request as send } from "node:http";
import { seededRandom } from "../../tools/own-system/random.ts";
import { RESULTS } from "./test-functions.ts";

export interface TestRequest {
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly target: string;
  /** Names and values by turns. */
  readonly headers: readonly string[];
  readonly body: Buffer | undefined;
}

export interface TestReply {
  /** 0 for a reply that is no HTTP; then its body is what the client says of it. */
  readonly status: number;
  /** By lower-case name; values of a repeated one by line. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const IDS = [
  "0190a000-0000-7000-8000-000000000001",
  "a%20b",
  "a%2Fb",
  "%E5%BC%A0",
  "%2e%2e",
  "%41bc",
  "a+b",
  "a%2Bb",
  "a%2520b",
  "a%00b",
  "%ff",
  "%zz",
  "%",
  "a,b",
  "a;b=c",
  "a:b@c",
  "~a!*'()",
  ".",
  "..",
  "__proto__",
  "{id}",
  "fixed",
  '"<>`',
];
const PATHS = (id: string, other: string) => [
  "/things",
  `/things/${id}`,
  `/things/${id}`,
  `/things/${id}/parts/${other}`,
  "/things/fixed",
  "/things.json",
  `/files/${id}`,
  "/nowhere",
  "/",
  `/th%69ngs/${id}`,
  "/Things",
  "//things",
  "/things//parts",
];
const QUERIES = [
  "a=1",
  "a=1&a=2&b=3",
  "a=&a=x",
  "a",
  "a=%E5%BC%A0%E4%B8%89",
  "a=1+2&b=1%2B2",
  "a=%ff&%fe=1",
  "a=%zz&b=%",
  "a=1%262&c%3Dd=e",
  "",
  "&&",
  "=1",
  "a=b=c",
  "a[]=1&a[]=2",
  "__proto__=1&constructor=2",
  "a=1&A=2",
  "cursor=ab-_.~%3D",
  "a=1?b=2",
  "a=%252B",
  "a=','",
];
const HEADERS: readonly (readonly string[])[] = [
  ["x-own", "1"],
  ["X-Upper-Case", "AbC"],
  ["x-many", "1", "X-Many", "2", "x-many", "3"],
  ["accept", "text/html", "accept", "application/json"],
  ["cookie", "a=1; b=2"],
  ["cookie", "a=1", "cookie", "b=2; c=%20"],
  ["accept-encoding", "gzip, deflate, br"],
  ["accept-encoding", "gzip"],
  ["authorization", "Bearer a.b.c"],
  ["authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzY29wZSI6ImEgYiJ9."],
  ["user-agent", "curl/8"],
  ["if-none-match", '"7"'],
  ["if-modified-since", "Sat, 28 Nov 2026 00:00:00 GMT"],
  ["range", "bytes=0-1"],
  ["x-forwarded-for", "203.0.113.7"],
  ["traceparent", "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"],
  ["idempotency-key", "key-1"],
  ["x-latin", "caf\u00e9"],
  ["x-empty", ""],
  ["__proto__", "1"],
  ["origin", "http://127.0.0.1"],
  ["content-encoding", "gzip"],
];
const TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/octet-stream",
  "multipart/form-data; boundary=x",
  "application/problem+json",
  undefined,
];
const BODIES: readonly Buffer[] = [
  Buffer.from('{"customer_name":"张三"}'),
  Buffer.from('"{}"'),
  Buffer.from("null"),
  Buffer.from("{broken"),
  Buffer.from("a=1&b=%E5"),
  Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]),
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from("\ufeff{}"),
  Buffer.alloc(70_000, "长"),
  Buffer.alloc(0),
];

/** `count` requests, of which half are for the functions' odd results. */
export function testRequests(seed: number, count: number): readonly TestRequest[] {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const chance = (probability: number) => random() < probability;
  function pick<T>(from: readonly T[]): T {
    for (const picked of from.slice(below(from.length))) return picked;
    throw new Error("There is nothing to pick from");
  }

  function one(): TestRequest {
    const odd = chance(0.5);
    const path = odd
      ? `/results/${encodeURIComponent(pick(Object.keys(RESULTS)))}`
      : pick(PATHS(pick(IDS), pick(IDS)));
    const slash = chance(0.5) && !path.endsWith("/") ? "/" : "";
    const query = chance(0.4) ? `?${pick(QUERIES)}` : "";
    const method = odd
      ? pick(["GET", "GET", "POST", "HEAD"])
      : pick(["GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"]);
    const headers: string[] = [];
    const names = new Set<string>();
    for (let more = below(4); more > 0; more -= 1) {
      const [name = "", ...rest] = pick(HEADERS);
      if (names.has(name)) continue;
      names.add(name);
      headers.push(name, ...rest);
    }
    if (path === "/results/tagged" && !names.has("if-none-match") && chance(0.5)) {
      headers.push("if-none-match", '"7"');
    }
    const body = method !== "HEAD" && chance(method === "GET" ? 0.1 : 0.7) ? pick(BODIES) : undefined;
    const type = body && pick(TYPES);
    if (type !== undefined) headers.push("content-type", type);
    if (body !== undefined) {
      if (chance(0.3)) headers.push("transfer-encoding", "chunked");
      else headers.push("content-length", String(body.length));
    }
    return { method, target: `${path}${slash}${query}`, headers, body };
  }
  return Array.from({ length: count }, one);
}

/** Sends requests to one port of loopback. */
export function sender(port: number, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    send: ({ method, target, headers, body }: TestRequest): Promise<TestReply> =>
      new Promise((resolve) => {
        const broken = (error: Error) =>
          resolve({ status: 0, headers: {}, body: Buffer.from(error.message) });
        const sent = ["host", "127.0.0.1", ...headers];
        const options = { host: "127.0.0.1", port, method, path: target, headers: sent, agent };
        const asked = send(options, (reply) => {
          const chunks: Buffer[] = [];
          reply.on("data", (chunk: Buffer) => chunks.push(chunk));
          reply.once("error", broken);
          reply.once("end", () => {
            const names = Object.entries(reply.headersDistinct);
            const texts = names.map(([name, values = []]) => [name, values.join("\n")]);
            resolve({
              status: reply.statusCode ?? 0,
              headers: Object.fromEntries(texts),
              body: Buffer.concat(chunks),
            });
          });
        });
        asked.once("error", broken);
        asked.end(body);
      }),
    close: () => agent.destroy(),
  };
}
