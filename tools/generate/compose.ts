// The services' containers in docker-compose-services.yml.

import type { ServiceDefinition } from "../../functions/services.ts";
import { withSection } from "./section.ts";

/** The text of the file `compose` with a container and its volumes for each of `services`. */
export function withContainers(compose: string, services: readonly ServiceDefinition[]): string {
  const containers = services.flatMap((service) => ["", ...container(service)]).slice(1);
  const volumes = services.flatMap(({ key }) => [`${key}-data:`, `${key}-logs:`]);
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
  `  volumes: ["${key}-data:/app/data", "${key}-logs:/app/logs"]`,
  "  healthcheck:",
  "    <<: *health",
  "    test:",
  "      - CMD",
  "      - node",
  "      - -e",
  `      - "fetch('http://127.0.0.1:${port}/health/').then((r) => process.exit(r.ok ? 0 : 1))"`,
];
