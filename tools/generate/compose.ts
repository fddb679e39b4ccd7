// The services' containers in docker-compose-services.yml.

import type { ServiceDefinition } from "../../functions/services.ts";
import { withSection } from "./section.ts";

/** The text of the file `compose` with a container and its volumes for each of `services`. */
export function withContainers(compose: string, services: readonly ServiceDefinition[]): string {
  const containers = services.flatMap((service) => ["", ...container(service)]).slice(1);
  const volumes = services.map(({ key }) => `${key}-data:`);
  return withSection(withSection(compose, "containers", containers), "volumes", volumes);
}

const container = ({ key, port }: ServiceDefinition): string[] => [
  `${key}:`,
  "  <<: *service",
  `  command: ["--service", "${key}"]`,
  "  environment:",
  "    <<: *settings",
  `    ADVERTISE_HOST: ${key}`,
  `  ports: ["127.0.0.1:${port}:${port}"]`,
  `  volumes: ["${key}-data:/app/data"]`,
  "  healthcheck:",
  "    <<: *health",
  `    test: ["CMD", "node", "local/server/health.cjs", "${port}"]`,
];
