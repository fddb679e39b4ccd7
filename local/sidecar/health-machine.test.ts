import { describe, expect, test } from "@jest/globals";
import type { Finding } from "../../lib/discovery/peer/health-reply.ts";
import {
  type Action,
  type Health,
  judge,
  probeEvery,
  settled,
  UNCLEAR_LIMIT,
  UNKNOWN,
} from "./health-machine.ts";

/** Feeds findings to the machine and performs its actions; returns them in order. */
function run(
  findings: readonly Finding[],
  from: Health = UNKNOWN,
): { health: Health; actions: readonly Action[] } {
  let health = from;
  const actions = findings.map((finding) => {
    const verdict = judge(health, finding);
    health = verdict.health;
    if (verdict.action !== "none") health = settled(health, verdict.action, true);
    return verdict.action;
  });
  return { health, actions };
}

const up = run(["healthy"]).health;

describe("a service", () => {
  test("is registered at its first healthy probe, and once only", () => {
    expect(run(["refused", "refused", "healthy", "healthy"]).actions).toEqual([
      "none",
      "none",
      "register",
      "none",
    ]);
  });

  test.each<Finding>(["refused", "down", "misdirected"])("is withdrawn at once when it is %s", (finding) => {
    expect(run([finding], up).actions).toEqual(["deregister"]);
  });

  test("stays in after unclear probes, until the third in a row", () => {
    expect(UNCLEAR_LIMIT).toBe(3);
    expect(run(["unclear", "unclear", "healthy", "unclear", "unclear"], up).actions).not.toContain(
      "deregister",
    );
    expect(run(["unclear", "unclear", "unclear"], up).actions).toEqual(["none", "none", "deregister"]);
    expect(run(["silent", "unclear", "silent"], up).actions).toEqual(["none", "none", "deregister"]);
  });

  test("is withdrawn once, however long it is away", () => {
    expect(run(["refused", "refused", "unclear", "unclear", "unclear"], up).actions).toEqual([
      "deregister",
      "none",
      "none",
      "none",
      "none",
    ]);
  });

  test("comes back when it is healthy again", () => {
    expect(run(["refused", "healthy"], up).actions).toEqual(["deregister", "register"]);
  });

  test("is registered at the next probe when the registry did not take it", () => {
    const refusedByRegistry = judge(UNKNOWN, "healthy").health;
    expect(judge(refusedByRegistry, "healthy").action).toBe("register");
  });

  test("is registered anew when it recovers after the registry did not answer its deregistration", () => {
    const gone = settled(judge(up, "refused").health, "deregister", false);
    expect(judge(gone, "healthy").action).toBe("register");
  });

  test("is withdrawn when the registry may have taken it without an answer", () => {
    const maybeIn = settled(judge(UNKNOWN, "healthy").health, "register", false);
    expect(judge(maybeIn, "refused").action).toBe("deregister");
  });

  test("is never registered unless it is healthy", () => {
    expect(run(["refused", "down", "misdirected", "unclear"]).actions).toEqual([
      "none",
      "none",
      "none",
      "none",
    ]);
  });
});

describe("probes", () => {
  test("are quick until the service was up once, then every second", () => {
    expect(probeEvery(UNKNOWN, 1)).toBe(50);
    expect(probeEvery(up, 1)).toBe(1_000);
    expect(probeEvery(run(["refused"], up).health, 1)).toBe(1_000);
  });

  test("of services that share a process are shared out while they are well: one a second", () => {
    expect(probeEvery(up, 3)).toBe(3_000);
    expect(probeEvery(run(["unclear"], up).health, 3)).toBe(1_000);
    expect(probeEvery(run(["refused"], up).health, 3)).toBe(1_000);
    expect(probeEvery(UNKNOWN, 3)).toBe(50);
  });

  test("of what does not get up become slow", () => {
    const findings = Array<Finding>(101).fill("refused");
    expect(probeEvery(run(findings).health, 1)).toBe(1_000);
  });
});
