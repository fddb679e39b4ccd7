// The alarms of a stack as CloudFormation resources: one row for each, from which its resource is made. What to do about
// each is in docs/guides/on-call.md, under the heading of the same name.

import type { ServiceDefinition } from "../functions/services.ts";
import { OUTBOX_METRICS } from "../lib/outbox/standing-metrics.ts";
import type { FunctionDefinition } from "./functions.ts";
import { RELAY_FAILURES } from "./relay-failures.ts";
import { roleIdOf } from "./role-ids.ts";

/** Setting of a deployment: the ARN of the SNS topic that is told of each alarm; without it alarms are seen in CloudWatch alone. */
export const ALARM_TOPIC = "ALARM_TOPIC_ARN";

/** Minutes. A sweep runs every minute, so a younger outbox is no sign of anything. */
const OUTBOX_LATE_MIN = 3;
/** In the environment of a deployment: without the alarms that compute with metrics, which some emulators do not know. */
const metricMath = () => process.env["METRIC_MATH"] !== "off";

interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
  /** `Sum`, `Maximum`, `p99`. */
  readonly stat: string;
}

interface AlarmRow {
  /** Logical id without `Alarm`; its end is the heading of its page. */
  readonly id: string;
  readonly description: string;
  readonly value: Metric | Computed;
  /** The alarm is raised above it, in each of `minutes` one after another. */
  readonly above: number;
  readonly minutes: number;
  /** True where a missing figure is an alarm as well. */
  readonly missingIsAlarm?: boolean;
}

/** A value that is computed of `metrics`, each by the name that it has in `expression`. */
interface Computed {
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly expression: string;
}

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

function alarmRows(
  services: readonly ServiceDefinition[],
  functions: Readonly<Record<string, FunctionDefinition>>,
  prefix: string,
): readonly AlarmRow[] {
  return [
    ...apiRows,
    failedRuns,
    ...services.flatMap((service) => functionRows(service, functions, prefix)),
    ...services.flatMap(({ relays }) => relays.flatMap((relay) => relayRows(relay, prefix))),
  ];
}

/** As osls names the HTTP API. */
const api = (name: string, stat: string): Metric => ({
  namespace: "AWS/ApiGateway",
  name,
  dimensions: { ApiId: { Ref: "HttpApi" } },
  stat,
});

/** Functions that fail or are throttled behind the HTTP API are replies 5xx there. */
const apiRows: readonly AlarmRow[] = [
  {
    id: "ServerErrors",
    description: "More than 2% of requests are answered 5xx",
    value: {
      metrics: { failed: api("5xx", "Sum"), all: api("Count", "Sum") },
      // Of few requests a single one would be a high rate.
      expression: "IF(all >= 50, 100 * failed / all, 0)",
    },
    above: 2,
    minutes: 3,
  },
  {
    id: "SlowReplies",
    description: "One request in a hundred takes more than 3 seconds",
    value: api("Latency", "p99"),
    above: 3_000,
    minutes: 5,
  },
];

const failedRuns: AlarmRow = {
  id: "FailedRuns",
  description: "Runs of relays have failed for good and wait in the queue",
  value: {
    namespace: "AWS/SQS",
    name: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: { "Fn::GetAtt": [RELAY_FAILURES, "QueueName"] } },
    stat: "Maximum",
  },
  above: 0,
  minutes: 1,
};

/** Functions that the HTTP API does not call: their failures are in no reply of it. */
function functionRows(
  { key }: ServiceDefinition,
  functions: Readonly<Record<string, FunctionDefinition>>,
  prefix: string,
): readonly AlarmRow[] {
  const role = roleIdOf({ key });
  const names = Object.entries(functions).flatMap(([name, { events, role: own }]) =>
    own === role && !events.some((event) => "httpApi" in event) ? [name] : [],
  );
  return names.flatMap((name) =>
    FUNCTION_ALARMS.map(({ metric, what }) => ({
      id: `${camel(name)}${metric}`,
      description: `${name} ${what}: the HTTP API does not call it, so no reply shows it`,
      value: {
        namespace: "AWS/Lambda",
        name: metric,
        dimensions: { FunctionName: `${prefix}-${name}` },
        stat: "Sum",
      },
      above: 0,
      minutes: 3,
    })),
  );
}

/** One failed run is run again; one in each of several minutes is a fault. */
const FUNCTION_ALARMS = [
  { metric: "Errors", what: "fails" },
  { metric: "Throttles", what: "is throttled" },
] as const;

function relayRows(
  { name, parkedIsUsual = false }: ServiceDefinition["relays"][number],
  prefix: string,
): readonly AlarmRow[] {
  const own = (metric: string): Metric => ({
    namespace: prefix,
    name: metric,
    dimensions: { Relay: name },
    stat: "Maximum",
  });
  const late: AlarmRow = {
    id: `${camel(name)}OutboxAge`,
    description: `${name} has work that is due for more than ${OUTBOX_LATE_MIN} minutes, or its sweeps do not run`,
    value: own(OUTBOX_METRICS.age.Name),
    above: OUTBOX_LATE_MIN * 60,
    minutes: OUTBOX_LATE_MIN,
    missingIsAlarm: true,
  };
  const parked: AlarmRow = {
    id: `${camel(name)}Parked`,
    description: `${name} has given up deliveries, refunds or checks: an operator has to decide`,
    value: own(OUTBOX_METRICS.parked.Name),
    above: 0,
    minutes: 1,
  };
  return parkedIsUsual ? [late] : [late, parked];
}

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
      TreatMissingData: row.missingIsAlarm === true ? "breaching" : "notBreaching",
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

/** `orders-relay`: `OrdersRelay`. */
const camel = (name: string): string =>
  name.replace(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase());
