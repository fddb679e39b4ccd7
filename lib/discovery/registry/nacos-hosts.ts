// Parses Nacos' lists of hosts into instances.

import * as z from "zod";
import type { Instance } from "./registry.ts";

const host = z.object({
  ip: z.string(),
  port: z.number(),
  weight: z.number(),
  healthy: z.boolean(),
  enabled: z.boolean(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

/** A list of hosts inside a reply. */
export const hosts = z.array(host).nullish();

/** Hosts of `service` as instances, in a stable order. */
export function toInstances(service: string, listed: z.infer<typeof hosts>): Instance[] {
  return (listed ?? [])
    .map(({ ip, port, weight, healthy, enabled, metadata }) => ({
      service,
      host: ip,
      port,
      weight,
      healthy,
      enabled,
      metadata: metadata ?? {},
    }))
    .sort((one, other) => one.host.localeCompare(other.host) || one.port - other.port);
}
