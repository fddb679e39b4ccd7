import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "@jest/globals";
import type { Finding } from "../peer/health-reply.ts";
import { BackgroundProbes } from "./background-probes.ts";
import { Endpoint } from "./endpoint.ts";

describe("background probes", () => {
  let now: number;
  let finding: Finding;
  let probes: number;
  let misdirected: string[];
  let endpoint: Endpoint;
  let background: BackgroundProbes;

  beforeEach(() => {
    now = 0;
    finding = "healthy";
    probes = 0;
    misdirected = [];
    const instance = { service: "S", host: "127.0.0.1", port: 1, weight: 1, healthy: true, enabled: true };
    endpoint = new Endpoint({ ...instance, metadata: {} }, () => 1);
    background = new BackgroundProbes({
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
    endpoint.ejection.failed(now, "gone");
    now = 1_000;
    background.probeEjected(endpoint);
    expect(endpoint.ejection.state(now)).toBe("trying");
    await settle();
    expect(endpoint.ejection.state(now)).toBe("in");
    endpoint.ejection.failed(now, "error");
    expect(endpoint.ejection.state(now)).toBe("out");
  });

  test("one that does not is out for longer", async () => {
    endpoint.ejection.failed(now, "gone");
    now = 1_000;
    finding = "refused";
    background.probeEjected(endpoint);
    await settle();
    expect(endpoint.ejection.state(2_999)).toBe("out");
    expect(endpoint.ejection.state(3_000)).toBe("due");
    expect(misdirected).toEqual([]);
  });

  test("one that stays silent is out as well, but may be there", async () => {
    finding = "silent";
    background.probeSuspect(endpoint);
    await settle();
    expect([endpoint.ejection.state(now), endpoint.ejection.gone]).toEqual(["out", false]);
  });

  test("where another listener answers, its service is looked up again", async () => {
    endpoint.ejection.failed(now, "gone");
    now = 1_000;
    finding = "misdirected";
    background.probeEjected(endpoint);
    await settle();
    expect(endpoint.misdirected).toBe(true);
    expect(misdirected).toEqual(["S"]);
  });

  test("a suspect instance stays if it answers and is ejected if not, with one probe at a time", async () => {
    for (let n = 0; n < 10; n += 1) background.probeSuspect(endpoint);
    await settle();
    expect(probes).toBe(1);
    expect(endpoint.ejection.state(now)).toBe("in");
    finding = "refused";
    background.probeSuspect(endpoint);
    await settle();
    expect(endpoint.ejection.state(now)).toBe("out");
  });
});
