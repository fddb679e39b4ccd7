// The alarms of a stack as CloudFormation resources, each made from its row.

import type { ServiceDefinition } from "../functions/services.ts";
import { type AlarmRow, alarmRows, type Computed, type Metric } from "./alarm-rows.ts";
import type { FunctionDefinition } from "./functions.ts";

/** Setting of a deployment: the ARN of the SNS topic that is told of each alarm; without it alarms are seen in CloudWatch alone. */
export const ALARM_TOPIC = "ALARM_TOPIC_ARN";

/** In the environment of a deployment: without the alarms that compute with metrics, which some emulators do not know. */
const metricMath = () => process.env["METRIC_MATH"] !== "off";

export interface AlarmOptions {
  /** `cfmp-order-dev`: the first part of all names on AWS, and the namespace of the stack's own metrics. */
  readonly prefix: string;
  /** ARN of an SNS topic; empty for none. */
  readonly topic: string;
}

/** A CloudFormation resource. */
export interface AlarmResource {
  readonly Type: "AWS::CloudWatch::Alarm";
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** The alarms for `services` and the `functions` of the stack, by logical id. */
export const alarmResources = (
  services: readonly ServiceDefinition[],
  functions: Readonly<Record<string, FunctionDefinition>>,
  options: AlarmOptions,
): Readonly<Record<string, AlarmResource>> =>
  Object.fromEntries(
    alarmRows(services, functions, options.prefix)
      .filter(({ value }) => metricMath() || !("expression" in value))
      .map((row) => [`${row.id}Alarm`, resource(row, options)]),
  );

function resource(row: AlarmRow, { prefix, topic }: AlarmOptions): AlarmResource {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName: `${prefix}-${row.id}`,
      AlarmDescription: `${row.description}. See docs/guides/on-call.md`,
      ...("expression" in row.value ? computed(row.value) : plain(row.value)),
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: row.above,
      EvaluationPeriods: row.minutes,
      TreatMissingData: row.whenMissing ?? "notBreaching",
      ...(topic === "" ? {} : { AlarmActions: [topic], OKActions: [topic] }),
    },
  };
}

const identity = ({ namespace, name, dimensions }: Metric) => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

const plain = (metric: Metric) => ({
  ...identity(metric),
  Period: 60,
  ...(metric.stat.startsWith("p")
    ? // Of few requests the slowest one would be the percentile.
      { ExtendedStatistic: metric.stat, EvaluateLowSampleCountPercentile: "ignore" }
    : { Statistic: metric.stat }),
});

const computed = ({ metrics, expression }: Computed) => ({
  Metrics: [
    ...Object.entries(metrics).map(([Id, metric]) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: identity(metric), Period: 60, Stat: metric.stat },
    })),
    { Id: "value", Expression: expression, ReturnData: true },
  ],
});
