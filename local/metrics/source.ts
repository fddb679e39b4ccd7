// Where the gauges of a local run come from: its listeners, and the discovery and database that this process shares.

import { services } from "../../functions/services.ts";
import { outboxStanding } from "../../lib/outbox/standing.ts";
import { platform } from "../../lib/platform/platform.ts";
import { holdsAggregates } from "../../lib/storage/table-definition.ts";
import type { GaugeSource, MeasuredService } from "./gauges.ts";
import type { MeasuredRoute } from "./instruments.ts";

export interface ServiceListener {
  /** Name in the registry: `OrderService`. */
  readonly name: string;
  readonly listener: Pick<MeasuredService, "connections" | "underWay">;
}

/** The gauges' values of this process, whose services are `own`, and its gateway `gateway`. */
export function metricsSource(
  own: readonly ServiceListener[],
  gateway?: NonNullable<GaugeSource["gateway"]>,
): GaugeSource {
  const shared = platform();
  return {
    services: own.map(({ name, listener }) => ({
      name,
      routes: routesOf(name),
      connections: listener.connections,
      underWay: listener.underWay,
      outbox: () => outboxStanding(outboxTables(name).map(shared.table), Date.now()),
    })),
    peers: services.map(({ contract }) => contract.service),
    discovery: shared.discovery,
    ...(gateway === undefined ? {} : { gateway }),
  };
}

const routesOf = (service: string): readonly MeasuredRoute[] =>
  services
    .filter(({ contract }) => contract.service === service)
    .flatMap(({ contract }) => Object.values<MeasuredRoute>(contract.routes));

/** Short names of the tables of a service whose aggregates may have an outbox. */
const outboxTables = (service: string): readonly string[] =>
  services
    .filter(({ contract }) => contract.service === service)
    .flatMap(({ tables }) => tables.filter(holdsAggregates).map(({ name }) => name));
