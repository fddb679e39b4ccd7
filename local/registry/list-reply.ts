// A service's instances as JSON in the two formats of Nacos, cached until the service changes.

import { heartbeat, type StoredInstance } from "./instance.ts";
import { ServiceForms } from "./service-forms.ts";
import type { Service, ServiceId } from "./service-table.ts";

/** How long a client may use a list before it queries again, in milliseconds. Nacos' own value. */
export const CACHE_MILLIS = 10_000;

/** `clusters` is a comma-separated list, empty for all; it is echoed because clients key their cache by it. */
export interface ListQuery {
  readonly clusters: string;
  readonly healthyOnly: boolean;
}

/** Builds list replies; the same list for hundreds of subscribers costs one serialisation. */
export class ListReplies {
  readonly #clock: () => number;
  readonly #texts = new ServiceForms<string>();
  readonly #bodies = new ServiceForms<Buffer>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** The reply of `GET /v1/ns/instance/list`. Disabled instances are not listed, as in Nacos. */
  v1(id: ServiceId, service: Service | undefined, query: ListQuery): string {
    if (service === undefined) return v1Text(id, [], query, this.#clock());
    return this.#texts.get(service, `v1 ${query.healthyOnly} ${query.clusters}`, () =>
      v1Text(id, selected(service, query), query, service.changedAt),
    );
  }

  /** {@link v1} as bytes: those who poll get the same ones. */
  v1Body(id: ServiceId, service: Service | undefined, query: ListQuery): string | Buffer {
    if (service === undefined) return this.v1(id, service, query);
    return this.#bodies.get(service, `v1 ${query.healthyOnly} ${query.clusters}`, () =>
      Buffer.from(this.v1(id, service, query)),
    );
  }

  /** `serviceInfo` of gRPC's responses and pushes: as in v1, but the group is not in front of the name. */
  grpc(id: ServiceId, service: Service | undefined, query: ListQuery): string {
    if (service === undefined) return serviceInfo(id.name, id, [], query, this.#clock());
    return this.#texts.get(service, `grpc ${query.healthyOnly} ${query.clusters}`, () =>
      serviceInfo(id.name, id, selected(service, query), query, service.changedAt),
    );
  }

  /** The reply of `GET /v3/client/ns/instance/list`. Unhealthy instances are listed too, as Nacos does. */
  v3(service: Service | undefined, clusters: string): string | Buffer {
    if (service === undefined) return v3Text([]);
    return this.#bodies.get(service, `v3 ${clusters}`, () => {
      const instances = selected(service, { clusters, healthyOnly: false });
      return Buffer.from(v3Text(instances.map((instance) => v3Host(service.id, instance))));
    });
  }
}

/** `GROUP@@name`, the form in which Nacos v1 names a service. */
export const groupedName = ({ group, name }: ServiceId): string => `${group}@@${name}`;

function selected(service: Service, { clusters, healthyOnly }: ListQuery): StoredInstance[] {
  const wanted = clusters === "" ? undefined : new Set(clusters.split(","));
  return [...service.instances.values()].filter(
    (instance) =>
      instance.enabled &&
      (wanted === undefined || wanted.has(instance.cluster)) &&
      (!healthyOnly || instance.healthy),
  );
}

const v1Text = (id: ServiceId, instances: StoredInstance[], query: ListQuery, lastRefTime: number): string =>
  serviceInfo(groupedName(id), id, instances, query, lastRefTime);

/** Nacos' `ServiceInfo`, with the service called `name`. */
function serviceInfo(
  name: string,
  id: ServiceId,
  instances: StoredInstance[],
  query: ListQuery,
  lastRefTime: number,
): string {
  return JSON.stringify({
    name,
    groupName: id.group,
    clusters: query.clusters,
    cacheMillis: CACHE_MILLIS,
    hosts: instances.map((instance) => ({
      instanceId: `${instance.ip}#${instance.port}#${instance.cluster}#${groupedName(id)}`,
      ...host(id, instance),
    })),
    lastRefTime,
    checksum: "",
    allIps: false,
    reachProtectionThreshold: false,
    valid: true,
  });
}

const v3Text = (hosts: readonly unknown[]): string =>
  JSON.stringify({ code: 0, message: "success", data: hosts });

/** An instance as v3 answers it. */
export const v3Host = (id: ServiceId, instance: StoredInstance) => ({
  ...host(id, instance),
  instanceIdGenerator: "simple",
});

function host(id: ServiceId, instance: StoredInstance) {
  const { interval, timeout, deleteAfter } = heartbeat(instance.metadata);
  return {
    ip: instance.ip,
    port: instance.port,
    weight: instance.weight,
    healthy: instance.healthy,
    enabled: instance.enabled,
    ephemeral: instance.ephemeral,
    clusterName: instance.cluster,
    serviceName: groupedName(id),
    metadata: instance.metadata,
    instanceHeartBeatInterval: interval,
    instanceHeartBeatTimeOut: timeout,
    ipDeleteTimeout: deleteAfter,
  };
}
