// Where Prometheus finds the services' metrics.

import type { ServiceDefinition } from "../../functions/services.ts";
import { instancesOf } from "./compose.ts";

/** The port of a container's metrics: METRICS_PORT in docker-compose-services.yml. */
const METRICS_PORT = 9464;

/** servers/prometheus/targets.yml: the containers of each service. The label is the service's name in all of its metrics. */
export const prometheusTargets = (services: readonly ServiceDefinition[]): string =>
  [
    "# Made by npm run generate. Prometheus reads it again when it changes.",
    ...services.flatMap((service) => [
      `- labels: { runs: ${service.contract.service} }`,
      `  targets: [${instancesOf(service)
        .map((name) => `"${name}:${METRICS_PORT}"`)
        .join(", ")}]`,
    ]),
    "",
  ].join("\n");
