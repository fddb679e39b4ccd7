import { describe, expect, test } from "@jest/globals";
import {
  type Action,
  deregistered,
  type Finding,
  type Health,
  judge,
  registered,
  UNCLEAR_LIMIT,
  UNKNOWN,
  untilNextProbe,
} from "./health-machine.ts";

/** Feeds findings to the machine, carrying out what it asks; the actions in order. */
function run(
  findings: readonly Finding[],
  from: Health = UNKNOWN,
): { health: Health; actions: readonly Action[] } {
  let health = from;
  const actions = findings.map((finding) => {
    const verdict = judge(health, finding);
    health = verdict.health;
    if (verdict.action === "register") health = registered(health);
    if (verdict.action === "deregister") health = deregistered(health);
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

  test.each<Finding>(["refused", "down", "stranger"])("is withdrawn at once when it is %s", (finding) => {
    expect(run([finding], up).actions).toEqual(["deregister"]);
  });

  test("stays in after unclear probes, until the third in a row", () => {
    expect(UNCLEAR_LIMIT).toBe(3);
    expect(run(["unclear", "unclear", "healthy", "unclear", "unclear"], up).actions).not.toContain(
      "deregister",
    );
    expect(run(["unclear", "unclear", "unclear"], up).actions).toEqual(["none", "none", "deregister"]);
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

  test("is never registered unless it is healthy", () => {
    expect(run(["refused", "down", "stranger", "unclear"]).actions).toEqual(["none", "none", "none", "none"]);
  });
});

describe("probes", () => {
  test("are quick until the service was up once, then every second", () => {
    expect(untilNextProbe(UNKNOWN)).toBe(50);
    expect(untilNextProbe(up)).toBe(1_000);
    expect(untilNextProbe(run(["refused"], up).health)).toBe(1_000);
  });

  test("of what does not get up become slow", () => {
    const findings = Array<Finding>(101).fill("refused");
    expect(untilNextProbe(run(findings).health)).toBe(1_000);
  });
});
