// What the dashboard counts of the business: successes of the routes that their contracts name, filtered out of the log of requests.

import type { ServiceDefinition } from "../functions/services.ts";
import type { Metric } from "./alarm-rows.ts";
import { routeEvents } from "./functions.ts";
import { routeKeys } from "./http-api.ts";

/** As osls names the log group of requests. */
const REQUESTS = "HttpApiLogGroup";

interface Counted {
  readonly name: string;
  /** The keys of its route, with and without a slash at the end. */
  readonly routes: readonly string[];
}

/** The counted routes of `services`. */
const countedRoutes = (services: readonly ServiceDefinition[]): readonly Counted[] =>
  services.flatMap((service, index) =>
    Object.values(service.contract.routes).flatMap((route) => {
      if (route.countedAs === undefined) return [];
      const events = routeEvents(service, route, "aws", index === 0);
      return [{ name: route.countedAs, routes: events.flatMap(routeKeys) }];
    }),
  );

/** Their metrics; `prefix`: as for alarms. */
export const countedMetrics = (services: readonly ServiceDefinition[], prefix: string): readonly Metric[] =>
  countedRoutes(services).map(({ name }) => ({ namespace: prefix, name, dimensions: {}, stat: "Sum" }));

/** The filters that make them, by logical id. A status in the log is a text. */
export const countedRouteResources = (services: readonly ServiceDefinition[], prefix: string) =>
  Object.fromEntries(
    countedRoutes(services).map(({ name, routes }) => [
      `${name}Count`,
      {
        Type: "AWS::Logs::MetricFilter",
        Properties: {
          LogGroupName: { Ref: REQUESTS },
          FilterPattern: `{ $.status = "2*" && (${routes.map((key) => `$.route = "${key}"`).join(" || ")}) }`,
          MetricTransformations: [
            { MetricNamespace: prefix, MetricName: name, MetricValue: "1", DefaultValue: 0, Unit: "Count" },
          ],
        },
      },
    ]),
  );
