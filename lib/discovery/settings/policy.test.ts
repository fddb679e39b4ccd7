import { expect, test } from "@jest/globals";
import { RetryBudget } from "../call/retry-budget.ts";
import { Ejection } from "../instances/ejection.ts";
import { Latency } from "../instances/latency.ts";
import { DEFAULT_POLICY, type DiscoveryPolicy } from "./policy.ts";

test("a changed policy counts at the next use, also for what was made before", () => {
  let policy: DiscoveryPolicy = DEFAULT_POLICY;
  const source = () => policy;
  const ejection = new Ejection(() => 1, source);
  const latency = new Latency(source);
  let now = 0;
  const budget = new RetryBudget({ clock: () => now, policy: source });
  const retries = () => {
    let count = 0;
    while (budget.withdraw()) count += 1;
    return count;
  };
  expect(retries()).toBe(100);

  policy = {
    ...DEFAULT_POLICY,
    ejectAfterFailures: 1,
    ejectFirstMs: 200,
    failurePenaltyMs: 40,
    latencyDecayMs: 100,
    retriesPerSecond: 3,
  };
  ejection.failed(0, "error");
  expect(ejection.state(199)).toBe("out");
  expect(ejection.state(200)).toBe("due");
  latency.failed(1, 0);
  expect(latency.at(0)).toBe(40);
  expect(latency.at(100)).toBeCloseTo(40 / Math.E);
  now = 1_000;
  expect(retries()).toBe(3);
});
