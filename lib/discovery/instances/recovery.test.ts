import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { Endpoint } from "./endpoint.ts";
import type { Finding } from "./probe.ts";
import { Recovery } from "./recovery.ts";

describe("recovery", () => {
  let now: number;
  let finding: Finding;
  let probes: number;
  let misdirected: string[];
  let endpoint: Endpoint;
  let recovery: Recovery;

  beforeEach(() => {
    now = 0;
    finding = "alive";
    probes = 0;
    misdirected = [];
    const instance = { service: "S", host: "127.0.0.1", port: 1, weight: 1, healthy: true, enabled: true };
    endpoint = new Endpoint({ ...instance, metadata: {} }, () => 1);
    recovery = new Recovery({
      probe: {
        find: async () => {
          probes += 1;
          await turn();
          return finding;
        },
      },
      onMisdirected: (service) => misdirected.push(service),
      monotonic: () => now,
    });
  });
  const settle = async () => {
    for (let n = 0; n < 5; n += 1) await turn();
  };

  test("an ejected instance that answers its probe recovers, on probation", async () => {
    endpoint.ejection.failed(now, true);
    now = 1_000;
    recovery.probeEjected(endpoint);
    expect(endpoint.ejection.state(now)).toBe("trying");
    await settle();
    expect(endpoint.ejection.state(now)).toBe("in");
    endpoint.ejection.failed(now, false);
    expect(endpoint.ejection.state(now)).toBe("out");
  });

  test("one that does not is out for longer", async () => {
    endpoint.ejection.failed(now, true);
    now = 1_000;
    finding = "dead";
    recovery.probeEjected(endpoint);
    await settle();
    expect(endpoint.ejection.state(2_999)).toBe("out");
    expect(endpoint.ejection.state(3_000)).toBe("due");
    expect(misdirected).toEqual([]);
  });

  test("one that stays silent is out as well, but may be there", async () => {
    finding = "silent";
    recovery.probeSuspect(endpoint);
    await settle();
    expect([endpoint.ejection.state(now), endpoint.ejection.gone]).toEqual(["out", false]);
  });

  test("where another listener answers, its service is looked up again", async () => {
    endpoint.ejection.failed(now, true);
    now = 1_000;
    finding = "misdirected";
    recovery.probeEjected(endpoint);
    await settle();
    expect(endpoint.misdirected).toBe(true);
    expect(misdirected).toEqual(["S"]);
  });

  test("a suspect instance stays if it answers and is ejected if not, with one probe at a time", async () => {
    for (let n = 0; n < 10; n += 1) recovery.probeSuspect(endpoint);
    await settle();
    expect(probes).toBe(1);
    expect(endpoint.ejection.state(now)).toBe("in");
    finding = "dead";
    recovery.probeSuspect(endpoint);
    await settle();
    expect(endpoint.ejection.state(now)).toBe("out");
  });
});
