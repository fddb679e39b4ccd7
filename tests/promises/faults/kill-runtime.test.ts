import { expect, test } from "@jest/globals";
import { flowsUnderFaults } from "./flows-under-faults.ts";

test("nothing acknowledged is lost and nothing is doubled while the runtime is killed", async () => {
  const report = await flowsUnderFaults({
    flows: 12,
    seed: 7,
    parts: ["runtime"],
    apart: false,
    mostFaults: 2,
    pauseMs: 200,
    say: () => {},
  });
  expect(report.violations).toEqual([]);
  expect(report.flows).toBeGreaterThanOrEqual(12);
  expect(report.faults["runtime (all services)"]).toBeGreaterThan(0);
});
