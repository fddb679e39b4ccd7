import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { services } from "../functions/services.ts";
import { OUTBOX_METRICS } from "../lib/outbox/standing-metrics.ts";
import { alarmResources } from "./alarms.ts";
import { serverlessFunctions } from "./functions.ts";

const functions = serverlessFunctions(services, "aws");
const alarms = alarmResources(services, functions, { prefix: "shop-test", topic: "" });
const quiet = Object.entries(functions).flatMap(([name, { events }]) =>
  events.some((event) => "httpApi" in event) ? [] : [name],
);
const relays = services.flatMap((service) => service.relays.map(({ name }) => name));
const camel = (name: string): string =>
  name.replace(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase());
const text = (value: unknown): string => JSON.stringify(value);
const propertiesOf = (id: string) => alarms[id]?.Properties ?? {};

describe("the alarms of a stack", () => {
  test("are on what users see, on what fails behind it, and on what waits", () => {
    expect(Object.keys(alarms).sort()).toEqual(
      [
        "ServerErrorsAlarm",
        "SlowRepliesAlarm",
        "FailedRunsAlarm",
        "DisagreementsAlarm",
        ...quiet.flatMap((name) => [`${camel(name)}ErrorsAlarm`, `${camel(name)}ThrottlesAlarm`]),
        ...relays.map((name) => `${camel(name)}OutboxAgeAlarm`),
        // A mail that its address refuses is parked as well, and a message whose webhook has failed for days.
        ...relays
          .filter((name) => !name.startsWith("notifications-"))
          .map((name) => `${camel(name)}ParkedAlarm`),
      ].sort(),
    );
  });

  test("watch each function that the HTTP API does not call, by its name", () => {
    expect(quiet).toEqual(
      expect.arrayContaining(["orders-relay", "orders-readInternal", "notifications-recordEvent"]),
    );
    for (const name of quiet) {
      for (const metric of ["Errors", "Throttles"]) {
        expect(propertiesOf(`${camel(name)}${metric}Alarm`)).toMatchObject({
          Namespace: "AWS/Lambda",
          MetricName: metric,
          Dimensions: [{ Name: "FunctionName", Value: `shop-test-${name}` }],
          Statistic: "Sum",
        });
      }
    }
  });

  test("on slow replies are not raised by the slowest of a few requests, and those on failed ones not by a few", () => {
    expect(propertiesOf("SlowRepliesAlarm")).toMatchObject({
      ExtendedStatistic: "p99",
      EvaluateLowSampleCountPercentile: "ignore",
      Dimensions: [{ Name: "ApiId", Value: { Ref: "HttpApi" } }],
    });
    expect(text(propertiesOf("ServerErrorsAlarm"))).toContain("IF(all >= 50, 100 * failed / all, 0)");
  });

  test("that compute with metrics are left out with METRIC_MATH=off", () => {
    process.env["METRIC_MATH"] = "off";
    try {
      const plain = alarmResources(services, functions, { prefix: "shop-test", topic: "" });
      expect(Object.keys(alarms).filter((id) => !(id in plain))).toEqual(["ServerErrorsAlarm"]);
    } finally {
      delete process.env["METRIC_MATH"];
    }
  });

  test("on outboxes read what relays write, and are raised where nothing is written", () => {
    const metric = { Namespace: "shop-test", Dimensions: [{ Name: "Relay", Value: "orders-relay" }] };
    expect(propertiesOf("OrdersRelayOutboxAgeAlarm")).toMatchObject({
      ...metric,
      MetricName: OUTBOX_METRICS.age.Name,
      Threshold: 180,
      TreatMissingData: "breaching",
    });
    expect(propertiesOf("OrdersRelayParkedAlarm")).toMatchObject({
      ...metric,
      MetricName: OUTBOX_METRICS.parked.Name,
      Threshold: 0,
      TreatMissingData: "notBreaching",
    });
  });

  test("on disagreements stay as the last comparison has left them", () => {
    expect(propertiesOf("DisagreementsAlarm")).toMatchObject({
      Namespace: "shop-test",
      MetricName: "Disagreements",
      Dimensions: [],
      Threshold: 0,
      TreatMissingData: "ignore",
    });
  });

  test("tell a topic where one is given, when they begin and when they end", () => {
    const topic = "arn:aws:sns:eu-west-1:123456789012:on-call";
    const told = alarmResources(services, functions, { prefix: "shop-test", topic });
    for (const { Properties } of Object.values(told))
      expect(Properties).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
    for (const { Properties } of Object.values(alarms)) expect(Properties).not.toHaveProperty("AlarmActions");
  });

  test("have their page each", () => {
    const page = readFileSync(join(import.meta.dirname, "..", "docs", "guides", "on-call.md"), "utf8");
    const headings = [...page.matchAll(/^## (\w+)$/gm)].map(([, name = ""]) => name);
    for (const id of Object.keys(alarms)) {
      const name = id.replace(/\d*Alarm$/, "");
      const found = headings.filter((heading) => name === heading || name.endsWith(heading));
      // `ServerErrors` is not one of `Errors`.
      expect(found.includes(name) ? [name] : found).toHaveLength(1);
    }
    for (const heading of headings) expect(Object.keys(alarms).join()).toContain(heading);
  });
});
