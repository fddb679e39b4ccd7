// The same requests through the host and through serverless-offline's emulation: functions get the same events, clients the same
// replies, but for the differences in test-differences.ts. In each of them the host does what API Gateway does.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Child } from "../../tests/support/child.ts";
import type { BothListen } from "./test-both-hosts.ts";
import { DIFFERENCES, type Exchange, membersOf } from "./test-differences.ts";
import { FAULTS } from "./test-faults.ts";
import { sender, type TestRequest, testRequests } from "./test-requests.ts";

const SEED = Number(process.env["HOST_SEED"] ?? 1);
/** Each is sent to both. */
const REQUESTS = Number(process.env["HOST_REQUESTS"] ?? 2_500);
const FAULT_REQUESTS = 600;
const AT_ONCE = 8;

let child: Child<BothListen>;
let ports: BothListen;

beforeAll(async () => {
  child = new Child(new URL("test-both-hosts.ts", import.meta.url).pathname, {});
  ports = await child.receive("listening");
});
afterAll(() => child?.end());

/** Sends `requests` to both ports; `compare` is called for each, until it returns false. */
async function exchange(
  host: number,
  requests: readonly TestRequest[],
  compare: (exchange: Exchange) => boolean,
): Promise<void> {
  const ends = [sender(host, AT_ONCE), sender(ports.offline, AT_ONCE)] as const;
  let next = 0;
  async function lane(): Promise<void> {
    for (let request = requests[next]; request !== undefined; request = requests[next]) {
      next += 1;
      const [hosted, offline] = await Promise.all(ends.map((end) => end.send(request)));
      if (hosted === undefined || offline === undefined) throw new Error("One did not answer");
      if (!compare({ request, host: membersOf(hosted), offline: membersOf(offline) })) next = requests.length;
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  for (const end of ends) end.close();
}

/** The members that differ, and for each the differences in the table that explain it. */
function differing(given: Exchange) {
  const { host, offline } = given;
  const names = [...new Set([...Object.keys(host), ...Object.keys(offline)])];
  return names
    .filter((name) => host[name] !== offline[name])
    .map((name) => ({
      name,
      why: DIFFERENCES.filter(({ at, holds }) => at.test(name) && holds(host[name], given, name)),
    }));
}

const shown = ({ request, host, offline }: Exchange, name: string) => ({
  request: `${request.method} ${request.target} ${request.headers.join("|")}`,
  member: name,
  host: host[name],
  offline: offline[name],
});

test("events and replies are the same, but for the differences in the table, each of which there is", async () => {
  const unexplained: unknown[] = [];
  const seen = new Set<unknown>();
  await exchange(ports.host, testRequests(SEED, REQUESTS), (given) => {
    for (const { name, why } of differing(given)) {
      if (why.length === 0) unexplained.push(shown(given, name));
      for (const each of why) seen.add(each);
    }
    return unexplained.length < 10;
  });
  expect(unexplained).toEqual([]);
  expect(DIFFERENCES.filter((each) => !seen.has(each)).map(({ because }) => because)).toEqual([]);
});

test.each(Object.keys(FAULTS))("a planted fault is found: %s", async (fault) => {
  let found = false;
  await exchange(ports.faulty[fault] ?? 0, testRequests(SEED, FAULT_REQUESTS), (given) => {
    found ||= differing(given).some(({ why }) => why.length === 0);
    return !found;
  });
  expect(found).toBe(true);
});
