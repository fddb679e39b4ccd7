import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as z from "zod";
import { services } from "../functions/services.ts";
import { ACCESS_LOG_FORMAT } from "./access-log.ts";
import { ALARM_KINDS, alarmRows, type Metric } from "./alarm-rows.ts";
import { countedRouteResources } from "./counted-routes.ts";
import { dashboardResource } from "./dashboard.ts";
import { serverlessFunctions } from "./functions.ts";
import { routeKeys } from "./http-api.ts";
import { tableResources } from "./tables.ts";

const functions = serverlessFunctions(services, "aws");
const { Dashboard } = dashboardResource(services, functions, "shop-test");
const counts = countedRouteResources(services, "shop-test");

const widget = z.object({
  x: z.int(),
  y: z.int(),
  properties: z.object({
    title: z.string(),
    metrics: z.array(z.array(z.unknown())).min(1),
    annotations: z.object({ horizontal: z.array(z.object({ value: z.number() })) }).optional(),
  }),
});
const { widgets } = z
  .object({ widgets: z.array(widget) })
  .parse(JSON.parse(Dashboard.Properties.DashboardBody["Fn::Sub"]));
const shown = (title: string) => widgets.find(({ properties }) => properties.title === title)?.properties;

/** Namespace, name and dimensions of a metric of the dashboard, as text. */
const named = (metric: readonly unknown[]): string => JSON.stringify(metric.slice(0, -1));
const all = widgets.flatMap(({ properties }) => properties.metrics.map(named));

/** A metric of an alarm in the same way. */
const ofAlarm = ({ namespace, name, dimensions }: Metric): string =>
  JSON.stringify([namespace, name, ...Object.entries(dimensions).flat()])
    .replace(/\{"Ref":"(\w+)"\}/g, '"$${$1}"')
    .replace(/\{"Fn::GetAtt":\["(\w+)","(\w+)"\]\}/g, '"$${$1.$2}"');

test("shows the figures of every alarm, under the kind of the alarm and with its limit", () => {
  for (const kind of ALARM_KINDS) {
    const rows = alarmRows(services, functions, "shop-test").filter((row) => row.kind === kind);
    expect(rows.length).toBeGreaterThan(0);
    const watched = rows.flatMap(({ value }) =>
      "expression" in value ? Object.values(value.metrics) : [value],
    );
    expect(shown(kind)?.metrics.map(named)).toEqual(watched.map(ofAlarm));
    const limit = shown(kind)?.annotations?.horizontal[0]?.value;
    expect(limit).toBe("expression" in (rows[0]?.value ?? {}) ? undefined : rows[0]?.above);
    for (const { id } of rows) expect(id.endsWith(kind)).toBe(true);
  }
});

test("each metric is one that an alarm watches, that the log of requests is counted into, or that AWS itself has", () => {
  const counted = Object.values(counts).map(({ Properties }) => {
    const [{ MetricNamespace, MetricName } = { MetricNamespace: "", MetricName: "" }] =
      Properties.MetricTransformations;
    return JSON.stringify([MetricNamespace, MetricName]);
  });
  const watched = alarmRows(services, functions, "shop-test").flatMap(({ value }) =>
    "expression" in value ? Object.values(value.metrics) : [value],
  );
  const tables = Object.keys(
    tableResources(
      services.flatMap((service) => service.tables),
      { family: "shop", onRemoval: "Delete" },
    ),
  );
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
  const ofAws = [
    ...["Count", "4xx", "5xx"].map((name) => `["AWS/ApiGateway","${name}","ApiId","$\{HttpApi}"]`),
    '["AWS/Lambda","ConcurrentExecutions"]',
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
    ...tables.flatMap((id) =>
      ["ReadThrottleEvents", "WriteThrottleEvents"].map(
        (name) => `["AWS/DynamoDB","${name}","TableName","$\{${id}}"]`,
      ),
    ),
  ];
  expect(new Set(all)).toEqual(new Set([...counted, ...watched.map(ofAlarm), ...ofAws]));
});

test("what is counted are successes of routes that exist, by members that the log of requests has", () => {
  const keys = Object.values(functions).flatMap(({ events }) => events.flatMap(routeKeys));
  const members = Object.keys(JSON.parse(ACCESS_LOG_FORMAT));
  expect(Object.keys(counts)).toEqual(expect.arrayContaining(["OrdersCreatedCount", "PaymentsStartedCount"]));
  for (const { Properties } of Object.values(counts)) {
    const { FilterPattern } = Properties;
    expect(FilterPattern).toContain('$.status = "2*"');
    const routes = [...FilterPattern.matchAll(/\$\.route = "([^"]+)"/g)].map(([, key]) => key);
    expect(routes.length).toBe(2);
    for (const key of routes) expect(keys).toContain(key);
    for (const [, member] of FilterPattern.matchAll(/\$\.(\w+)/g)) expect(members).toContain(member);
  }
});

test("no widget lies on another, and the body is within CloudWatch's limits: 500 widgets of 500 metrics, 1 MiB", () => {
  expect(new Set(widgets.map(({ x, y }) => `${x} ${y}`)).size).toBe(widgets.length);
  for (const { x, properties } of widgets) {
    expect(x).toBeLessThanOrEqual(16);
    expect(properties.metrics.length).toBeLessThanOrEqual(500);
  }
  expect(Dashboard.Properties.DashboardBody["Fn::Sub"].length).toBeLessThan(500_000);
});

test("each kind of alarm has its page", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "docs", "guides", "on-call.md"), "utf8");
  const headings = [...page.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
  expect(headings).toEqual([...ALARM_KINDS]);
});
