import { beforeEach, describe, expect, test } from "@jest/globals";
import { seededRandom } from "../../../tools/own-system/random.ts";
import { choose } from "../instances/balancer.ts";
import { Endpoint } from "../instances/endpoint.ts";
import { type Attempt, AttemptFailed } from "../peer/attempt.ts";
import type { PeerReply, PeerRequest } from "../peer/peer.ts";
import { ServiceEntry } from "../resolver/service-entry.ts";
import { createCaller } from "./caller.ts";

const endpoint = (port: number): Endpoint =>
  new Endpoint(
    {
      service: "S",
      host: "127.0.0.1",
      port,
      weight: 1,
      healthy: true,
      enabled: true,
      metadata: { instance: `i${port}` },
    },
    () => 1,
  );
const reply = (status: number): PeerReply => ({ status, headers: {}, body: "" });
const refused = () => new AttemptFailed("unreachable", false, "ECONNREFUSED");
const broken = () => new AttemptFailed("broken", true, "ECONNRESET");
const timedOut = () => new AttemptFailed("timeout", true, "no reply");

type Answer = PeerReply | AttemptFailed;

describe("the caller", () => {
  let now: number;
  let known: readonly Endpoint[] | undefined;
  let registered: readonly Endpoint[];
  let refreshes: number;
  let attempts: Attempt[];
  /** By port; what is not there answers 200. */
  let answers: Map<number, () => Answer>;
  let call: (request?: Partial<PeerRequest>) => Promise<PeerReply>;
  let chooser: typeof choose;
  let withProbes: boolean;
  let probed: string[];
  /** The real balancer instead of a fixed order. */
  const balanced = () => {
    chooser = choose;
  };

  beforeEach(() => {
    now = 1_000_000;
    registered = [endpoint(1), endpoint(2), endpoint(3)];
    known = registered;
    refreshes = 0;
    attempts = [];
    answers = new Map();
    withProbes = false;
    probed = [];
    // The first that was not tried, so that a test knows who is next.
    chooser = (endpoints, { tried = [] }) => endpoints.find((each) => !tried.includes(each));
    const probes = {
      probeEjected: (tried: Endpoint) => {
        tried.ejection.beginTrial(now);
        probed.push(`ejected ${tried.instance.port}`);
      },
      probeSuspect: (suspect: Endpoint) => void probed.push(`suspect ${suspect.instance.port}`),
    };
    const caller = createCaller({
      resolver: {
        current: () => known,
        refresh: async () => {
          refreshes += 1;
          known = registered;
        },
        peek: () => Object.assign(new ServiceEntry(), { endpoints: known ?? [] }),
      },
      http: {
        send: async (attempt) => {
          attempts.push(attempt);
          const answer = answers.get(Number(new URL(attempt.origin).port))?.() ?? reply(200);
          if (answer instanceof AttemptFailed) throw answer;
          return answer;
        },
      },
      balancer: (endpoints, choice) => chooser(endpoints, choice),
      get probes() {
        return withProbes ? probes : undefined;
      },
      clock: () => now,
      monotonic: () => now,
      random: seededRandom(7),
    });
    call = (request = {}) =>
      caller("S", {
        caller: "T",
        method: "POST",
        path: "/x/",
        headers: {},
        retryable: true,
        deadline: now + 5_000,
        ...request,
      });
  });
  const ports = () => attempts.map(({ origin }) => Number(new URL(origin).port));

  test("says whom it means, until when, and what it was given", async () => {
    await call({ headers: { authorization: "Bearer x" }, body: "{}" });
    expect(attempts).toEqual([
      {
        caller: "T",
        service: "S",
        no: 1,
        origin: "http://127.0.0.1:1",
        path: "/x/",
        method: "POST",
        headers: {
          authorization: "Bearer x",
          "cfmp-target-service": "S",
          "cfmp-target-instance": "i1",
          "cfmp-timeout": "5000",
        },
        body: "{}",
        timeout: 2_000,
        moreTime: expect.any(Function),
        retryable: true,
        signal: undefined,
      },
    ]);
  });

  test.each([200, 201, 400, 404, 409, 500])("a reply %d is a reply", async (status) => {
    answers.set(1, () => reply(status));
    expect(await call()).toMatchObject({ status });
    expect(ports()).toEqual([1]);
  });

  test.each([
    ["a refused connection", refused],
    ["421, another listener", () => reply(421)],
  ])(
    "after %s it calls another instance, even for a request that must not be repeated, and refreshes the list",
    async (_, no) => {
      answers.set(1, no);
      expect(await call({ retryable: false })).toMatchObject({ status: 200 });
      expect(ports()).toEqual([1, 2]);
      expect(refreshes).toBe(1);
      expect(registered[0]?.ejection.state(now)).toBe("out");
    },
  );

  test.each([
    ["a broken connection", broken],
    ["a time-out", timedOut],
    ["502", () => reply(502)],
    ["503", () => reply(503)],
    ["504", () => reply(504)],
  ])("after %s it calls another instance if the request may be repeated", async (_, no) => {
    answers.set(1, no);
    answers.set(2, no);
    expect(await call()).toMatchObject({ status: 200 });
    expect(ports()).toEqual([1, 2, 3]);
  });

  test.each([broken, timedOut])(
    "what must not be repeated and may have been done is reported so",
    async (no) => {
      answers.set(1, no);
      await expect(call({ retryable: false })).rejects.toMatchObject({
        code: "peer_unavailable",
        maybeSent: true,
      });
      expect(ports()).toEqual([1]);
    },
  );

  test("503 to what must not be repeated is given to the caller", async () => {
    answers.set(1, () => reply(503));
    expect(await call({ retryable: false })).toMatchObject({ status: 503 });
  });

  test("a 502, 503 or 504 is returned when no instance is left", async () => {
    answers.set(1, () => reply(503));
    answers.set(2, refused);
    answers.set(3, refused);
    expect(await call()).toMatchObject({ status: 503 });
  });

  test("when all refuse it gives up at once, after one attempt at each and one query of the registry", async () => {
    for (const port of [1, 2, 3]) answers.set(port, refused);
    await expect(call()).rejects.toMatchObject({
      code: "peer_unavailable",
      maybeSent: false,
      message: expect.stringContaining("ECONNREFUSED"),
    });
    expect(ports()).toEqual([1, 2, 3]);
  });

  test("when all it knew is gone it finds who took over", async () => {
    known = [endpoint(1)];
    registered = [endpoint(4)];
    answers.set(1, refused);
    expect(await call({ retryable: false })).toMatchObject({ status: 200 });
    expect(ports()).toEqual([1, 4]);
  });

  test("an unknown service is unavailable at once", async () => {
    known = undefined;
    registered = [];
    await expect(call()).rejects.toMatchObject({ message: "S is not available: no instance is registered" });
    expect(refreshes).toBe(1);
  });

  test("does not begin after the deadline, nor wait beyond it", async () => {
    await expect(call({ deadline: now })).rejects.toMatchObject({ code: "peer_unavailable" });
    await call({ deadline: now + 300 });
    expect(attempts.map(({ timeout }) => timeout)).toEqual([300]);
  });

  test("gives the only instance, and what must not be repeated, all the time there is", async () => {
    await call({ retryable: false });
    registered = [endpoint(1)];
    known = registered;
    await call();
    expect(attempts.map(({ timeout }) => timeout)).toEqual([5_000, 2_000]);
    expect(attempts[0]?.moreTime).toBeUndefined();
    now += 2_000;
    expect(attempts[1]?.moreTime?.()).toBe(250);
    now += 2_900;
    expect(attempts[1]?.moreTime?.()).toBe(100);
  });

  test("waits for the only instance no longer than until another one is there", async () => {
    registered = [endpoint(1)];
    known = registered;
    await call();
    expect(attempts[0]?.moreTime?.()).toBe(250);
    registered = [...registered, endpoint(2)];
    known = registered;
    expect(attempts[0]?.moreTime?.()).toBe(0);
  });

  test("makes four attempts at most", async () => {
    registered = Array.from({ length: 10 }, (_, n) => endpoint(n + 1));
    known = registered;
    for (const { instance } of registered) answers.set(instance.port, broken);
    await expect(call()).rejects.toMatchObject({ code: "peer_unavailable" });
    expect(attempts).toHaveLength(4);
  });

  test("stops retrying when the budget is spent, and begins again with time", async () => {
    answers.set(1, () => reply(503));
    let retried = 0;
    for (let n = 0; n < 1_000; n += 1) retried += (await call()).status === 200 ? 1 : 0;
    // 100 kept, and a fifth of 1,000.
    expect(retried).toBeGreaterThan(250);
    expect(retried).toBeLessThan(320);
    now += 1_000;
    expect(await call()).toMatchObject({ status: 200 });
  });

  test("skips instances that are not reached, however many calls do: that costs no retry budget", async () => {
    answers.set(1, refused);
    answers.set(2, () => reply(421));
    const statuses = new Set<number>();
    for (let n = 0; n < 1_000; n += 1) statuses.add((await call()).status);
    expect([...statuses]).toEqual([200]);
  });

  test("three failures in a row take an instance out, a reply in between does not", async () => {
    registered = [endpoint(1)];
    known = registered;
    const sequence = [broken(), broken(), reply(404), broken(), broken(), broken()];
    answers.set(1, () => sequence.shift() ?? reply(200));
    for (let n = 0; n < 5; n += 1) await call({ retryable: false }).catch(() => {});
    expect(registered[0]?.ejection.state(now)).toBe("in");
    await call({ retryable: false }).catch(() => {});
    expect(registered[0]?.ejection.state(now)).toBe("out");
  });

  test("a call that its caller cancelled counts as no failure and makes no further attempt", async () => {
    answers.set(1, () => new AttemptFailed("cancelled", true, "the caller gave up"));
    await expect(call()).rejects.toMatchObject({ code: "peer_unavailable", maybeSent: true });
    expect(ports()).toEqual([1]);
    expect(registered[0]?.latency.measured).toBeUndefined();
    expect(registered[0]?.inFlight).toBe(0);
  });

  describe("when instances ask for a cool-down (503 with Retry-After)", () => {
    const coolingDown = (seconds: string) => (): PeerReply => ({
      status: 503,
      headers: { "retry-after": seconds },
      body: "",
    });

    test("it calls another one, and none in its cool-down", async () => {
      balanced();
      answers.set(1, coolingDown("3"));
      while (!ports().includes(1)) expect(await call()).toMatchObject({ status: 200 });
      attempts = [];
      for (let n = 0; n < 20; n += 1) await call();
      expect(ports()).not.toContain(1);
      now += 3_000;
      answers.delete(1);
      for (let n = 0; n < 20; n += 1) await call();
      expect(ports()).toContain(1);
    });

    test("when all do, the reply is the one with the shortest cool-down; no request is sent until that is over", async () => {
      balanced();
      answers.set(1, coolingDown("3"));
      answers.set(2, coolingDown("2"));
      answers.set(3, coolingDown("4"));
      expect(await call()).toMatchObject({ status: 503, headers: { "retry-after": "2" } });
      expect(ports()).toHaveLength(3);
      now += 500;
      await expect(call()).rejects.toMatchObject({
        message: "S is not available: every instance is in its cool-down",
        maybeSent: false,
        retryAfterMs: 1_500,
      });
      expect(ports()).toHaveLength(3);
      now += 1_500;
      answers.delete(2);
      expect(await call()).toMatchObject({ status: 200 });
    });

    test("but not when the reply is about one request only", async () => {
      balanced();
      registered = [endpoint(1)];
      known = registered;
      answers.set(1, () => ({
        status: 503,
        headers: { "retry-after": "3", "cfmp-retry-scope": "request" },
        body: "",
      }));
      await call();
      answers.delete(1);
      expect(await call()).toMatchObject({ status: 200 });
    });
  });

  test("an instance that timed out gets the remaining time when no other is left", async () => {
    const slow = [timedOut, () => reply(200)];
    answers.set(1, () => slow.shift()?.() ?? reply(500));
    answers.set(2, refused);
    answers.set(3, refused);
    expect(await call()).toMatchObject({ status: 200 });
    expect(ports()).toEqual([1, 2, 3, 1]);
    expect(attempts.map(({ timeout }) => timeout)).toEqual([2_000, 2_000, 2_000, 2_000]);
    expect(attempts[3]?.moreTime?.()).toBe(250);
  });

  test("gives one all the time there is when the others are known to be out", async () => {
    for (const port of [2, 3]) registered[port - 1]?.ejection.failed(now, "gone");
    await call();
    expect(attempts[0]?.moreTime?.()).toBe(250);
  });

  test("a call that is cancelled before or between attempts makes no further attempt", async () => {
    const given = new AbortController();
    answers.set(1, () => {
      given.abort();
      return refused();
    });
    await expect(call({ signal: given.signal })).rejects.toMatchObject({
      code: "peer_unavailable",
      message: "S is not available: the caller gave up",
    });
    known = undefined;
    await expect(call({ signal: AbortSignal.abort() })).rejects.toMatchObject({ maybeSent: false });
    expect(ports()).toEqual([1]);
  });

  describe("with probes", () => {
    beforeEach(() => {
      withProbes = true;
      balanced();
    });

    test("no request tries an ejected instance while there is another; a probe does when it is due", async () => {
      answers.set(1, refused);
      while (!ports().includes(1)) await call();
      attempts = [];
      now += 999;
      for (let n = 0; n < 20; n += 1) await call();
      expect(probed).toEqual([]);
      now += 1;
      for (let n = 0; n < 20; n += 1) await call();
      expect(probed).toEqual(["ejected 1"]);
      expect(ports()).not.toContain(1);
    });

    test.each([timedOut, broken])("an instance that did not reply to a request is probed", async (no) => {
      answers.set(1, no);
      while (!ports().includes(1)) await call();
      expect(probed).toEqual(["suspect 1"]);
    });
  });
});
