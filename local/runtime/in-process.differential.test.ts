// The same requests to one listener by HTTP and inside the process: functions get the same events, callers the same replies, but
// for the differences in the table below, each with its reason.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Attempt, AttemptFailed } from "../../lib/discovery/peer/attempt.ts";
import { InProcessFirst, InProcessListeners } from "../../lib/discovery/peer/in-process.ts";
import type { PeerReply } from "../../lib/discovery/peer/peer.ts";
import { PeerHttp } from "../../lib/discovery/peer/peer-http.ts";
import { createHost } from "../host/host.ts";
import { inProcessListener } from "../host/in-process.ts";
import { routeFinder } from "../host/routes.ts";
import { loopbackNames } from "../shared/listener/hosts.ts";
import { type HttpListener, httpListener } from "../shared/listener/http-server.ts";
import { createLocalFunctions, type LocalFunctions } from "./functions.ts";
import { hostedRoutes } from "./hosted-routes.ts";
import { membersOf, type ReplyMembers } from "./test-differences.ts";
import { FAULTS, type Fault } from "./test-faults.ts";
import { testFunctions, testProject } from "./test-project.ts";
import { testRequests } from "./test-requests.ts";

const SEED = Number(process.env["HOST_SEED"] ?? 1);
const REQUESTS = Number(process.env["HOST_REQUESTS"] ?? 2_500);
const FAULT_REQUESTS = 600;
/** Time for a reply that no machine needs. */
const LONG_MS = 60_000;

/** Members that may differ. Left out by `membersOf`: `date`, `connection` and `keep-alive` of a reply, which a connection adds. */
const DIFFERENCES: readonly { readonly at: RegExp; readonly because: string }[] = [
  { at: /^event\.requestContext\.requestId$/, because: "each request has an id of its own" },
  { at: /^event\.requestContext\.time(Epoch)?$/, because: "one arrives after the other" },
];

const rules = { reach: "loopback", hosts: loopbackNames, origins: [], maxBodyBytes: 1_000_000 } as const;
const project = testProject();
const log = () => {};
let functions: LocalFunctions;
let listener: HttpListener;
let port: number;
let http: PeerHttp;

const finder = (of: LocalFunctions) =>
  routeFinder(hostedRoutes(testFunctions(), project.service.provider, of));

beforeAll(async () => {
  functions = createLocalFunctions(project.serviceDir, log);
  for (const [key, definition] of Object.entries(testFunctions())) functions.add(key, definition);
  functions.open();
  const host = createHost(finder(functions));
  listener = httpListener(rules, (request, response) => {
    if (!host(request, response)) response.writeHead(404).end();
  });
  port = await listener.open({ host: "127.0.0.1", port: 0 });
  http = new PeerHttp();
});
afterAll(async () => {
  await http.close();
  await listener.close(100);
});

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"] as const;

/** The requests of testRequests that a service can make of another: bodies are text, and no header is repeated. */
function attempts(count: number): readonly Attempt[] {
  return testRequests(SEED, count).flatMap(({ method: of, target, headers: lines, body }, index) => {
    const method = METHODS.find((each) => each === of);
    if (method === undefined) return [];
    const headers: Record<string, string> = {
      "cfmp-target-service": "TestService",
      "cfmp-target-instance": "i-1",
    };
    for (let at = 0; at < lines.length; at += 2) {
      const name = lines[at] ?? "";
      if (!FRAMING.has(name)) headers[name] = lines[at + 1] ?? "";
    }
    // Every eighth ends in half a character, which UTF-8 has no bytes for.
    const text = body && body.toString("utf8") + (index % 8 === 0 ? "\ud800" : "");
    const origin = `http://127.0.0.1:${port}`;
    return [{ origin, path: target, method, headers, body: text, timeout: LONG_MS, signal: undefined }];
  });
}

/** undici frames a body itself. */
const FRAMING = new Set(["content-length", "transfer-encoding"]);

interface Sender {
  send(attempt: Attempt): Promise<PeerReply>;
}

/** Calls inside the process to `of`; what goes by HTTP all the same is counted. */
function inProcess(of: LocalFunctions): Sender & { sentByHttp: number } {
  const listeners = new InProcessListeners();
  listeners.add(inProcessListener({ service: "TestService", instance: "i-1", port }, rules, finder(of)));
  const first = new InProcessFirst(listeners, {
    send(attempt) {
      sender.sentByHttp += 1;
      return http.send(attempt);
    },
  });
  const sender = { sentByHttp: 0, send: (attempt: Attempt) => first.send(attempt) };
  return sender;
}

async function membersBy(sender: Sender, attempt: Attempt): Promise<ReplyMembers> {
  try {
    const { status, headers, body } = await sender.send({ ...attempt, headers: { ...attempt.headers } });
    const texts = Object.entries(headers).map(([name, value]) => [name, value ?? ""]);
    return membersOf({ status, headers: Object.fromEntries(texts), body: Buffer.from(body) });
  } catch (error) {
    if (!(error instanceof AttemptFailed)) throw error;
    return { failed: error.kind, sent: error.sent };
  }
}

/** The members in which the two replies differ, without those that the table explains. */
function unexplained(one: ReplyMembers, other: ReplyMembers): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (name) => one[name] !== other[name] && !DIFFERENCES.some(({ at }) => at.test(name)),
  );
}

test("events and replies are the same, but for the differences in the table", async () => {
  const found: unknown[] = [];
  const sender = inProcess(functions);
  const all = attempts(REQUESTS);
  for (const attempt of all) {
    const byHttp = await membersBy(http, attempt);
    const direct = await membersBy(sender, attempt);
    for (const name of unexplained(byHttp, direct)) {
      found.push({
        of: `${attempt.method} ${attempt.path}`,
        headers: attempt.headers,
        name,
        byHttp: byHttp[name],
        direct: direct[name],
      });
    }
    if (found.length >= 10) break;
  }
  expect(found).toEqual([]);
  // Otherwise HTTP would have been compared with itself.
  expect(sender.sentByHttp).toBeLessThan(all.length * 0.7);
  expect(functions.idle(0)).resolves.toBe(true);
});

/** The same functions, spoilt on the way to them and back. */
const spoilt = ({ event, result }: Fault): LocalFunctions => ({
  ...functions,
  run: async (key, given, context) => result(await functions.run(key, event(given), context)),
});

/** Faults that need what is always sent by HTTP. */
const BY_HTTP_ONLY = new Set(["repeated headers are lost but for the last"]);

test.each(Object.keys(FAULTS).filter((name) => !BY_HTTP_ONLY.has(name)))(
  "a planted fault is found: %s",
  async (name) => {
    const fault = FAULTS[name];
    if (fault === undefined) throw new Error("There is no such fault");
    const sender = inProcess(spoilt(fault));
    let found = false;
    for (const attempt of attempts(FAULT_REQUESTS)) {
      found = unexplained(await membersBy(http, attempt), await membersBy(sender, attempt)).length > 0;
      if (found) break;
    }
    expect(found).toBe(true);
  },
);
