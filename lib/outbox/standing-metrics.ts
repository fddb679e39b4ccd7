// How late an outbox is, and what is parked in it, as metrics of CloudWatch. Lambda sends a log line of this form there by itself:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

import type { OutboxStanding } from "./standing.ts";

/** Names and units of the metrics, each for the dimension `Relay`. */
export const OUTBOX_METRICS = {
  age: { Name: "OutboxAge", Unit: "Seconds" },
  parked: { Name: "Parked", Unit: "Count" },
} as const;

/** Payments that `npm run reconcile` found to disagree; without a dimension. */
export const DISAGREEMENTS = "Disagreements";

/** The namespace of a stack's own metrics: `cfmp-order-prod`. */
export const metricsNamespace = (functionPrefix: string): string => functionPrefix.replace(/-$/, "");

/** The line, with its end, for the relay `name` at `now` (epoch milliseconds). */
export function standingLine(namespace: string, name: string, standing: OutboxStanding, now: number): string {
  const { age, parked } = OUTBOX_METRICS;
  const metrics = { Namespace: namespace, Dimensions: [["Relay"]], Metrics: [age, parked] };
  const line = {
    _aws: { Timestamp: now, CloudWatchMetrics: [metrics] },
    Relay: name,
    [age.Name]: standing.lag_s,
    [parked.Name]: standing.parked,
  };
  return `${JSON.stringify(line)}\n`;
}
