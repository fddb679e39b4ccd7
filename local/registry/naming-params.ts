// The parameters of a naming request: the service and the instance.

import type { Address, Announcement } from "./instance.ts";
import { checkedCluster, checkedName, type Params } from "./params.ts";
import { BadParameter } from "./request-error.ts";
import type { ServiceId } from "./service-table.ts";

/** The service a request names: `serviceName` plain or as `GROUP@@name`, `groupName`, `namespaceId`. */
export function serviceId(params: Params): ServiceId {
  const given = params.name("serviceName", 512);
  const at = given.indexOf("@@");
  const group = at < 0 ? params.optionalName("groupName", "DEFAULT_GROUP") : given.slice(0, at);
  const name = at < 0 ? given : given.slice(at + 2);
  if (group === "" || name === "" || name.includes("@@")) {
    throw new BadParameter("Param 'serviceName' is illegal, it should be name or group@@name.");
  }
  return { namespace: namespaceOf(params), group, name };
}

/** The service a v3 request names. Unlike in v1, the name never has the group in front. */
export const v3ServiceId = (params: Params): ServiceId => ({
  namespace: namespaceOf(params),
  group: params.optionalName("groupName", "DEFAULT_GROUP"),
  name: params.name("serviceName", 512),
});

export const namespaceOf = (params: Params): string => params.optionalName("namespaceId", "public", 128);

/** A comma-separated list of cluster names. */
export function clustersOf(params: Params, name: string, fallback: string): string {
  const clusters = params.optional(name) ?? fallback;
  if (clusters !== "") checkedName(name, clusters.replaceAll(",", "-"));
  return clusters;
}

export const address = (params: Params): Address => ({ ip: params.name("ip"), port: params.port("port") });

export const clusterOf = (params: Params): string =>
  checkedCluster(params.optional("clusterName") ?? params.optional("cluster") ?? "DEFAULT");

/** The instance that a request registers. @param metadata by default those among the parameters. */
export const announcement = (params: Params, metadata = params.metadata("metadata") ?? {}): Announcement => ({
  ...address(params),
  cluster: clusterOf(params),
  weight: params.weight("weight") ?? 1,
  enabled: enabledFlag(params) ?? true,
  healthy: params.flag("healthy") ?? true,
  ephemeral: params.flag("ephemeral") ?? true,
  metadata,
});

export const enabledFlag = (params: Params): boolean | undefined =>
  params.flag("enabled") ?? params.flag("enable");
