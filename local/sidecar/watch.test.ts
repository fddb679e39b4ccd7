import { describe, expect, test } from "@jest/globals";
import type { Finding } from "../../lib/discovery/peer/health-reply.ts";
import type { FromSidecar, Watched } from "./messages.ts";
import { watch } from "./watch.ts";

const watched: Watched = {
  service: "OrderService",
  probeHost: "127.0.0.1",
  host: "10.0.0.5",
  port: 8001,
  instance: "one",
  metadata: { version: "1.2.3" },
};

/** A watch whose time stands still: each probe waits for the test to say what it finds, and how long that took. */
function begin(registry: { fail: boolean } = { fail: false }, sharing = 1) {
  const done: string[] = [];
  const sent: FromSidecar[] = [];
  const slept: number[] = [];
  let now = 0;
  let answer: ((finding: Finding) => void) | undefined;
  let asked: (() => void) | undefined;
  const record = (name: string) => async (registration: { host: string; port: number }) => {
    if (registry.fail) throw new Error("no answer");
    done.push(`${name} ${registration.host}:${registration.port}`);
  };
  const running = watch(watched, {
    registry: { register: record("register"), deregister: record("deregister") },
    probe: () =>
      new Promise((resolve) => {
        answer = resolve;
        asked?.();
      }),
    send: (message) => sent.push(message),
    sleep: async (ms) => {
      slept.push(ms);
    },
    sharing,
    clock: () => now,
  });
  /** Answers the probe under way, and waits for the next one. */
  const find = async (finding: Finding, tookMs = 0) => {
    now += tookMs;
    const next = new Promise<void>((resolve) => {
      asked = resolve;
    });
    answer?.(finding);
    await next;
  };
  return { done, sent, slept, running, find };
}

describe("a watch", () => {
  test("announces a healthy service with its instance, and says so", async () => {
    const { done, sent, find, running } = begin();
    await find("healthy");
    expect(done).toEqual(["register 10.0.0.5:8001"]);
    expect(sent).toEqual([{ type: "registered", service: "OrderService" }]);
    await running.stop();
  });

  test("withdraws a service that refuses connections, and announces it again later", async () => {
    const { done, sent, find, running } = begin();
    await find("healthy");
    await find("refused");
    await find("healthy");
    expect(done).toEqual(["register 10.0.0.5:8001", "deregister 10.0.0.5:8001", "register 10.0.0.5:8001"]);
    expect(sent[1]).toEqual({ type: "deregistered", service: "OrderService", reason: "refused" });
    await running.stop();
  });

  test("withdraws the service when it stops, without waiting for a probe under way", async () => {
    const { done, find, running } = begin();
    await find("healthy");
    await running.stop();
    expect(done).toEqual(["register 10.0.0.5:8001", "deregister 10.0.0.5:8001"]);
  });

  test("has nothing to withdraw when the service never was up", async () => {
    const { done, find, running } = begin();
    await find("refused");
    await running.stop();
    expect(done).toEqual([]);
  });

  test("reports a registry that does not answer once, calls it less often, and goes on", async () => {
    const registry = { fail: true };
    const { done, sent, slept, find, running } = begin(registry);
    await find("healthy");
    await find("healthy");
    expect(sent.map(({ type }) => type)).toEqual(["failed"]);
    expect(slept).toEqual([1_000, 1_000]);
    registry.fail = false;
    await find("healthy");
    expect(done).toEqual(["register 10.0.0.5:8001"]);
    await running.stop();
  });

  test("takes a service that hangs out after three seconds: the next probe does not wait after one that did", async () => {
    const { done, slept, find, running } = begin();
    await find("healthy", 20);
    for (let probe = 0; probe < 3; probe += 1) await find("unclear", 1_000);
    expect(done).toEqual(["register 10.0.0.5:8001", "deregister 10.0.0.5:8001"]);
    expect(slept).toEqual([980, 0, 0, 0]);
    await running.stop();
  });

  test("probes a service by turns with the others of its process while it is well, else every second", async () => {
    const { slept, find, running } = begin({ fail: false }, 3);
    await find("healthy", 20);
    await find("silent", 1_000);
    await find("unclear", 20);
    await find("healthy", 20);
    await find("refused", 20);
    expect(slept).toEqual([2_980, 0, 980, 2_980, 980]);
    await running.stop();
  });

  test("announces a service that recovered although the registry was away when it was to be withdrawn", async () => {
    const registry = { fail: false };
    const { done, find, running } = begin(registry);
    await find("healthy");
    registry.fail = true;
    await find("refused");
    registry.fail = false;
    await find("healthy");
    expect(done).toEqual(["register 10.0.0.5:8001", "register 10.0.0.5:8001"]);
    await running.stop();
  });
});
