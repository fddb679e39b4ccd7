// The alarms of a stack: one row for each, with the metric that it watches. What to do about each is in docs/guides/on-call.md, under
// its kind.

import type { ServiceDefinition } from "../functions/services.ts";
import { DISAGREEMENTS, OUTBOX_METRICS } from "../lib/outbox/standing-metrics.ts";
import type { FunctionDefinition } from "./functions.ts";
import { camel } from "./logical-id.ts";
import { RELAY_FAILURES } from "./relay-failures.ts";
import { roleIdOf } from "./role-ids.ts";

/** Minutes. A sweep runs every minute, so a younger outbox is no sign of anything. */
const OUTBOX_LATE_MIN = 3;

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
  /** `Sum`, `Maximum`, `p99`. */
  readonly stat: string;
}

export interface AlarmRow {
  /** Logical id without `Alarm`; it ends with its kind. */
  readonly id: string;
  readonly kind: AlarmKind;
  readonly description: string;
  readonly value: Metric | Computed;
  /** The alarm is raised above it, in each of `minutes` one after another. */
  readonly above: number;
  readonly minutes: number;
  /** What a missing figure means: an alarm as well, or that all is as it was; by default that all is well. */
  readonly whenMissing?: "breaching" | "ignore";
}

/** Kinds of alarms: headings of docs/guides/on-call.md, and titles on the dashboard. */
export const ALARM_KINDS = [
  "ServerErrors",
  "SlowReplies",
  "FailedRuns",
  "Errors",
  "Throttles",
  "OutboxAge",
  "Parked",
  "Disagreements",
] as const;

export type AlarmKind = (typeof ALARM_KINDS)[number];

/** A value that is computed of `metrics`, each by the name that it has in `expression`. */
export interface Computed {
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly expression: string;
}

/** The rows for `services` and the `functions` of the stack whose names begin with `prefix`. */
export function alarmRows(
  services: readonly ServiceDefinition[],
  functions: Readonly<Record<string, FunctionDefinition>>,
  prefix: string,
): readonly AlarmRow[] {
  return [
    ...apiRows,
    failedRuns,
    ...services.flatMap((service) => functionRows(service, functions, prefix)),
    ...services.flatMap(({ relays }) => relays.flatMap((relay) => relayRows(relay, prefix))),
    disagreements(prefix),
  ];
}

/** A metric of the HTTP API, which osls names so. */
export const apiMetric = (name: string, stat: string): Metric => ({
  namespace: "AWS/ApiGateway",
  name,
  dimensions: { ApiId: { Ref: "HttpApi" } },
  stat,
});

/** Functions that fail or are throttled behind the HTTP API are replies 5xx there. */
const apiRows: readonly AlarmRow[] = [
  {
    id: "ServerErrors",
    kind: "ServerErrors",
    description: "More than 2% of requests are answered 5xx",
    value: {
      metrics: { failed: apiMetric("5xx", "Sum"), all: apiMetric("Count", "Sum") },
      // Of few requests a single one would be a high rate.
      expression: "IF(all >= 50, 100 * failed / all, 0)",
    },
    above: 2,
    minutes: 3,
  },
  {
    id: "SlowReplies",
    kind: "SlowReplies",
    description: "One request in a hundred takes more than 3 seconds",
    value: apiMetric("Latency", "p99"),
    above: 3_000,
    minutes: 5,
  },
];

const failedRuns: AlarmRow = {
  id: "FailedRuns",
  kind: "FailedRuns",
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
      kind: metric,
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
    kind: "OutboxAge",
    description: `${name} has work that is due for more than ${OUTBOX_LATE_MIN} minutes, or its sweeps do not run`,
    value: own(OUTBOX_METRICS.age.Name),
    above: OUTBOX_LATE_MIN * 60,
    minutes: OUTBOX_LATE_MIN,
    whenMissing: "breaching",
  };
  const parked: AlarmRow = {
    id: `${camel(name)}Parked`,
    kind: "Parked",
    description: `${name} has given up deliveries, refunds or checks: an operator has to decide`,
    value: own(OUTBOX_METRICS.parked.Name),
    above: 0,
    minutes: 1,
  };
  return parkedIsUsual ? [late] : [late, parked];
}

/** Written by `npm run reconcile -- --metric`, so it stays as the last run has left it. */
const disagreements = (prefix: string): AlarmRow => ({
  id: "Disagreements",
  kind: "Disagreements",
  description: "Payments disagree with their provider or their order, as the last comparison has found",
  value: { namespace: prefix, name: DISAGREEMENTS, dimensions: {}, stat: "Maximum" },
  above: 0,
  minutes: 1,
  whenMissing: "ignore",
});
