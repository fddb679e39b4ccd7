// Nacos' list of hosts, read as instances.

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

const listReply = z.looseObject({
  name: z.string(),
  hosts: z.array(host).nullish(),
  lastRefTime: z.number(),
});

/** A service's instances as the server saw them at `lastRefTime` (its clock, epoch milliseconds). */
export interface HostList {
  /** `GROUP@@name`. */
  readonly name: string;
  readonly instances: readonly Instance[];
  readonly lastRefTime: number;
}

type Host = Readonly<z.infer<typeof host>>;

/** Parses the reply of `GET /v1/ns/instance/list`. @throws {z.ZodError} | {SyntaxError} when it is something else. */
export function parseHostList(text: string): HostList {
  const { name, hosts, lastRefTime } = listReply.parse(JSON.parse(text));
  return { name, instances: toInstances(name, hosts ?? []), lastRefTime };
}

/** The hosts of `GROUP@@name` as instances, in a stable order. */
export function toInstances(groupedName: string, hosts: readonly Host[]): Instance[] {
  const service = groupedName.slice(groupedName.indexOf("@@") + 2);
  return hosts
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
