// The image's health check asks on the port of each service: which of them a container runs is known to its command alone.

import type { ServiceDefinition } from "../../functions/services.ts";

const PORTS = /^(HEALTHCHECK .* CMD \["node", "local\/server\/health\.cjs")(?:, "\d+")*\]$/m;

/** `dockerfile` with the ports of `services` in its health check. @throws {Error} when it has no such line. */
export function withHealthCheck(
  dockerfile: string,
  services: readonly Pick<ServiceDefinition, "port">[],
): string {
  if (!PORTS.test(dockerfile))
    throw new Error("the Dockerfile has no health check by local/server/health.cjs");
  return dockerfile.replace(
    PORTS,
    (_, begin: string) => `${begin}${services.map(({ port }) => `, "${port}"`).join("")}]`,
  );
}
