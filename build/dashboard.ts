// The CloudWatch dashboard of a stack: what the business does, and for each kind of alarm the figures that it watches, with its limit.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html

import type { ServiceDefinition } from "../functions/services.ts";
import {
  ALARM_KINDS,
  type AlarmKind,
  type AlarmRow,
  alarmRows,
  apiMetric,
  type Metric,
} from "./alarm-rows.ts";
import { countedMetrics } from "./counted-routes.ts";
import type { FunctionDefinition } from "./functions.ts";
import { tableId } from "./tables.ts";

interface Widget {
  readonly title: string;
  readonly metrics: readonly Metric[];
  /** A line at this value: above it the alarm is raised. */
  readonly limit?: number;
}

const WIDTH = 8;
const HEIGHT = 6;
const IN_A_ROW = 3;

/** The dashboard, by logical id; `prefix` as for alarms. */
export const dashboardResource = (
  services: readonly ServiceDefinition[],
  functions: Readonly<Record<string, FunctionDefinition>>,
  prefix: string,
) => ({
  Dashboard: {
    Type: "AWS::CloudWatch::Dashboard",
    Properties: {
      DashboardName: { "Fn::Sub": `${prefix}-\${AWS::Region}` },
      DashboardBody: { "Fn::Sub": JSON.stringify(body(services, functions, prefix)) },
    },
  },
});

function body(
  services: readonly ServiceDefinition[],
  functions: Readonly<Record<string, FunctionDefinition>>,
  prefix: string,
) {
  const rows = alarmRows(services, functions, prefix);
  const widgets: readonly Widget[] = [
    { title: "Business", metrics: countedMetrics(services, prefix) },
    { title: "Requests", metrics: REQUESTS },
    ...ALARM_KINDS.map((kind) =>
      alarmWidget(
        kind,
        rows.filter((row) => row.kind === kind),
      ),
    ),
    { title: "Tables: throttled", metrics: services.flatMap(({ tables }) => tables.flatMap(throttling)) },
    { title: "Executions at once", metrics: [EXECUTIONS] },
  ];
  return { widgets: widgets.map(placed) };
}

/** One alarm's metric beside the next one's; those of which a value is computed are shown themselves. */
function alarmWidget(title: AlarmKind, rows: readonly AlarmRow[]): Widget {
  const metrics = rows.flatMap(({ value }) =>
    "expression" in value ? Object.values(value.metrics) : [value],
  );
  const [limit, ...others] = new Set(
    rows.flatMap(({ value, above }) => ("expression" in value ? [] : [above])),
  );
  return { title, metrics, ...(limit === undefined || others.length > 0 ? {} : { limit }) };
}

const REQUESTS: readonly Metric[] = ["Count", "4xx", "5xx"].map((name) => apiMetric(name, "Sum"));

/** Of the whole account, which limits it. */
const EXECUTIONS: Metric = {
  namespace: "AWS/Lambda",
  name: "ConcurrentExecutions",
  dimensions: {},
  stat: "Maximum",
};

const throttling = ({ name }: ServiceDefinition["tables"][number]): readonly Metric[] =>
  ["ReadThrottleEvents", "WriteThrottleEvents"].map((metric) => ({
    namespace: "AWS/DynamoDB",
    name: metric,
    dimensions: { TableName: { Ref: tableId(name) } },
    stat: "Sum",
  }));

const placed = ({ title, metrics, limit }: Widget, index: number) => ({
  type: "metric",
  x: (index % IN_A_ROW) * WIDTH,
  y: Math.floor(index / IN_A_ROW) * HEIGHT,
  width: WIDTH,
  height: HEIGHT,
  properties: {
    title,
    region: `\${AWS::Region}`,
    view: "timeSeries",
    period: 60,
    metrics: metrics.map(asArray),
    ...(limit === undefined ? {} : { annotations: { horizontal: [{ label: "alarm above", value: limit }] } }),
  },
});

/** A metric as the body of a dashboard has it: namespace, name, dimensions by turns, options. */
const asArray = ({ namespace, name, dimensions, stat }: Metric) => [
  namespace,
  name,
  ...Object.entries(dimensions).flatMap(([dimension, value]) => [dimension, substituted(value)]),
  { stat },
];

/** A reference as `Fn::Sub` has it. */
function substituted(value: unknown): string {
  if (typeof value === "string") return value;
  const { Ref, "Fn::GetAtt": attribute } = Object(value);
  return Ref === undefined ? `\${${attribute.join(".")}}` : `\${${Ref}}`;
}
