// Parses Nacos' lists of hosts into instances. Loaded by the first list, because a process that only registers needs no zod:
// that is 16 MB.

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

const hosts = z.array(host).nullish();
const v1Reply = z.looseObject({ hosts });
const serviceInfo = z.looseObject({
  name: z.string(),
  groupName: z.string(),
  lastRefTime: z.number(),
  hosts: z.array(host.extend({ clusterName: z.string() })).nullish(),
});

/** A list of a service as gRPC has it, in responses and pushes. */
export interface GrpcList {
  /** Without the group in front. */
  readonly service: string;
  readonly group: string;
  /** When the server made the list, in milliseconds of its clock. */
  readonly madeAt: number;
  /** Those of the cluster, in a stable order. */
  readonly instances: readonly Instance[];
}

/** Instances of `service` in the text of v1's reply, in a stable order. @throws {ZodError} {@link SyntaxError} */
export const instancesOfV1 = (service: string, text: string): Instance[] =>
  toInstances(service, v1Reply.parse(JSON.parse(text)).hosts);

/** Instances of `service` in the data of v3's reply, in a stable order. @throws {ZodError} */
export const instancesOfV3 = (service: string, data: unknown): Instance[] =>
  toInstances(service, hosts.parse(data));

/** The list in gRPC's `serviceInfo`, of one cluster. @throws {ZodError} */
export function listOfGrpc(data: unknown, cluster: string): GrpcList {
  const { name, groupName, lastRefTime, hosts } = serviceInfo.parse(data);
  const service = name.split("@@").at(-1) ?? name;
  const own = (hosts ?? []).filter(({ clusterName }) => clusterName === cluster);
  return { service, group: groupName, madeAt: lastRefTime, instances: toInstances(service, own) };
}

function toInstances(service: string, listed: z.infer<typeof hosts>): Instance[] {
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
