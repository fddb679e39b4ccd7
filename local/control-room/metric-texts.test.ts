import { expect, test } from "@jest/globals";
import { METRICS } from "./collector-metrics.ts";
import { metricHelp } from "./page/texts-metrics.ts";

test("each metric of its own is described in Chinese, and those of others as they are", () => {
  const untold = METRICS.filter(({ name, help }) => metricHelp("zh", name, help) === help);
  expect(untold).toEqual([]);
  expect(metricHelp("zh", "v8js.heap", "Heap")).toBe("Heap");
  expect(metricHelp("en", "cpu", "Share")).toBe("Share");
});
