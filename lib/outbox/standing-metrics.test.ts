import { expect, test } from "@jest/globals";
import { metricsNamespace, standingLine } from "./standing-metrics.ts";

test("an outbox's age and what is parked in it are a line that CloudWatch takes for metrics", () => {
  const line = standingLine(metricsNamespace("shop-prod-"), "orders-relay", { lag_s: 7, parked: 2 }, 1_700);
  expect(line.endsWith("\n")).toBe(true);
  expect(JSON.parse(line)).toEqual({
    _aws: {
      Timestamp: 1_700,
      CloudWatchMetrics: [
        {
          Namespace: "shop-prod",
          Dimensions: [["Relay"]],
          Metrics: [
            { Name: "OutboxAge", Unit: "Seconds" },
            { Name: "Parked", Unit: "Count" },
          ],
        },
      ],
    },
    Relay: "orders-relay",
    OutboxAge: 7,
    Parked: 2,
  });
});
