// Nacos' v3 paths by which operators and consoles look at services and their subscribers. Shapes as Nacos 3.1.0 answers them.

import type { ClientSubscription } from "./clients.ts";
import type { Routes } from "./http-edge.ts";
import { v3Host } from "./list-reply.ts";
import { namespaceOf, v3ServiceId } from "./naming-params.ts";
import type { Naming } from "./naming-routes.ts";
import { type Params, pageQuery, pageReply } from "./params.ts";
import { RequestError } from "./request-error.ts";
import type { Service, ServiceId } from "./service-table.ts";
import { success } from "./v3-reply.ts";

export function v3ServiceRoutes({ table, clients }: Naming): Routes {
  return {
    "GET /v3/admin/ns/service": ({ params }) => {
      const service = table.find(v3ServiceId(params));
      if (service === undefined) throw unknownService(v3ServiceId(params));
      return success(detail(service));
    },

    "GET /v3/admin/ns/service/list": ({ params }) => {
      const services = table.services(namespaceOf(params)).filter(named(params));
      const shown = params.flag("withInstances") === true ? withInstances : summary;
      return success(pageReply(services, pageQuery(params), shown));
    },

    "GET /v3/admin/ns/service/subscribers": ({ params }) =>
      success(pageReply(clients.subscriptions(v3ServiceId(params)), pageQuery(params), subscriberInfo)),
  };
}

/** Nacos takes both as parts of the name and the group. */
function named(params: Params): (service: Service) => boolean {
  const name = (params.optional("serviceNameParam") ?? "").replaceAll("*", "");
  const group = (params.optional("groupNameParam") ?? "").replaceAll("*", "");
  return ({ id }) => id.name.includes(name) && id.group.includes(group);
}

const unknownService = ({ namespace, group, name }: ServiceId): RequestError =>
  new RequestError(
    400,
    "service_unknown",
    `service not found, namespace: ${namespace}, serviceName: ${group}@@${name}`,
  );

const clustersOf = ({ instances }: Service): string[] => [
  ...new Set([...instances.values()].map(({ cluster }) => cluster)),
];

function summary(service: Service) {
  const all = [...service.instances.values()];
  return {
    name: service.id.name,
    groupName: service.id.group,
    clusterCount: clustersOf(service).length,
    ipCount: all.length,
    healthyInstanceCount: all.filter(({ healthy }) => healthy).length,
    triggerFlag: "false",
  };
}

const cluster = { healthyCheckPort: 80, useInstancePortForCheck: true };
const settings = { metadata: {}, protectThreshold: 0 };

const detail = (service: Service) => ({
  namespaceId: service.id.namespace,
  serviceName: service.id.name,
  groupName: service.id.group,
  clusterMap: Object.fromEntries(
    clustersOf(service).map((clusterName) => [
      clusterName,
      { clusterName, healthChecker: { type: "TCP" }, ...cluster, metadata: {}, hosts: null },
    ]),
  ),
  ...settings,
  selector: { type: "NoneSelector", contextType: "NONE" },
  ephemeral: [...service.instances.values()].every(({ ephemeral }) => ephemeral),
});

function withInstances(service: Service) {
  const hostsOf = (name: string) =>
    [...service.instances.values()]
      .filter((instance) => instance.cluster === name)
      .map((instance) => v3Host(service.id, instance));
  const clusterMap = clustersOf(service).map((name) => [
    name,
    { clusterName: null, healthChecker: null, ...cluster, metadata: null, hosts: hostsOf(name) },
  ]);
  return {
    namespaceId: null,
    serviceName: service.id.name,
    groupName: service.id.group,
    clusterMap: Object.fromEntries(clusterMap),
    ...settings,
    selector: null,
    ephemeral: null,
  };
}

const subscriberInfo = ({ id, ip, port, agent, appName }: ClientSubscription) => ({
  namespaceId: id.namespace,
  groupName: id.group,
  serviceName: id.name,
  ip,
  port,
  agent,
  appName,
  address: `${ip}:${port}`,
});
