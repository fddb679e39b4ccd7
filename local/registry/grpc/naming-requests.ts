// Nacos' gRPC requests about services and instances.

import type { Announcement } from "../instance.ts";
import { isObject, type Json, jsonParams, objectField, objectsField } from "../json-params.ts";
import type { ListReplies } from "../list-reply.ts";
import { announcement, clustersOf, namespaceOf, serviceId } from "../naming-params.ts";
import { checkedMetadata, type Params, pageOf, requiredPage } from "../params.ts";
import { BadParameter } from "../request-error.ts";
import type { ServiceId, ServiceTable } from "../service-table.ts";
import { succeeded, withServiceInfo } from "./messages.ts";
import type { NamingPushes } from "./naming-pushes.ts";
import type { Handlers } from "./requests.ts";

export interface GrpcNaming {
  readonly table: ServiceTable;
  readonly replies: ListReplies;
  readonly pushes: NamingPushes;
}

export function namingRequests({ table, replies, pushes }: GrpcNaming): Handlers {
  return {
    InstanceRequest: {
      response: "InstanceResponse",
      handle(request, { published }) {
        const id = idOf(request);
        const announced = announcementOf(objectField(request, "instance"), true);
        return perform(request, {
          registerInstance: () => published.publish(id, [announced]),
          // Nacos does not look at the address: a connection has one instance, or one batch, in a service.
          deregisterInstance: () => published.withdraw(id),
        });
      },
    },

    BatchInstanceRequest: {
      response: "BatchInstanceResponse",
      handle(request, { published }) {
        const id = idOf(request);
        const all = objectsField(request, "instances").map((instance) => announcementOf(instance, true));
        return perform(request, { batchRegisterInstance: () => published.publish(id, all) });
      },
    },

    PersistentInstanceRequest: {
      response: "InstanceResponse",
      handle(request) {
        const id = idOf(request);
        const announced = announcementOf(objectField(request, "instance"), false);
        return perform(request, {
          registerInstance: () => table.register(id, announced),
          deregisterInstance: () => table.deregister(id, announced),
        });
      },
    },

    ServiceQueryRequest: {
      response: "QueryServiceResponse",
      handle(request) {
        const params = paramsOf(request);
        const id = serviceId(params);
        const query = {
          clusters: clustersOf(params, "cluster", ""),
          healthyOnly: params.flag("healthyOnly") ?? false,
        };
        return withServiceInfo(replies.grpc(id, table.find(id), query));
      },
    },

    SubscribeServiceRequest: {
      response: "SubscribeServiceResponse",
      handle(request, connection) {
        const params = paramsOf(request);
        const id = serviceId(params);
        const clusters = clustersOf(params, "clusters", "");
        if (params.flag("subscribe") ?? false) pushes.subscribe(id, connection, clusters);
        else pushes.unsubscribe(id, connection);
        return withServiceInfo(replies.grpc(id, table.find(id), { clusters, healthyOnly: false }), "success");
      },
    },

    ServiceListRequest: {
      response: "ServiceListResponse",
      handle(request) {
        const params = paramsOf(request);
        const page = requiredPage(params);
        const group = params.optionalName("groupName", "DEFAULT_GROUP");
        const names = table.services(namespaceOf(params), group).map(({ id }) => id.name);
        return succeeded({ count: names.length, serviceNames: pageOf(names, page) });
      },
    },
  };
}

const paramsOf = (request: Json): Params => jsonParams(request, { namespace: "namespaceId" });

const idOf = (request: Json): ServiceId => serviceId(paramsOf(request));

function announcementOf(instance: Json, ephemeral: boolean): Announcement {
  return announcement(jsonParams({ ...instance, ephemeral }), metadataIn(instance));
}

/** Clients written in languages without types send `null` for values they don't have. */
function metadataIn({ metadata }: Json): Announcement["metadata"] {
  const given = metadata ?? {};
  if (!isObject(given)) return checkedMetadata("metadata", given);
  const entries = Object.entries(given).filter(([, value]) => value !== null);
  return checkedMetadata("metadata", Object.fromEntries(entries));
}

/** Does what the request's `type` says. */
function perform(request: Json, actions: Readonly<Record<string, () => unknown>>): string {
  const type = jsonParams(request).required("type");
  const action = Object.hasOwn(actions, type) ? actions[type] : undefined;
  if (action === undefined) throw new BadParameter(`Unsupported request type ${type}`);
  action();
  return succeeded({ type });
}
