// Nacos' v1 naming API. Shapes as Nacos 3.1.0 answers them.

import { parseJsonObject } from "../../lib/core/tried.ts";
import { type ApiReply, json } from "./api-reply.ts";
import type { Clients } from "./clients.ts";
import type { ApiRequest, Routes } from "./http-edge.ts";
import { type Address, type Announcement, addressKey, heartbeat } from "./instance.ts";
import { jsonParams } from "./json-params.ts";
import { groupedName, type ListReplies } from "./list-reply.ts";
import { address, announcement, clusterOf, clustersOf, namespaceOf, serviceId } from "./naming-params.ts";
import { override, overridePart, wholeOverride } from "./operator.ts";
import { checkedMetadata, type Params, pageOf, requiredPage } from "./params.ts";
import { BadParameter, NotFound } from "./request-error.ts";
import type { ServiceId, ServiceTable } from "./service-table.ts";
import type { Subscribers } from "./subscribers.ts";

export interface Naming {
  readonly table: ServiceTable;
  readonly replies: ListReplies;
  readonly subscribers: Subscribers;
  readonly clients: Clients;
}

const OK: ApiReply = { body: "ok" };
const BEAT_OK = 10_200;
const BEAT_UNKNOWN_INSTANCE = 20_404;

export function namingRoutes({ table, replies, subscribers }: Naming): Routes {
  return {
    "POST /v1/ns/instance": ({ params }) => {
      table.register(serviceId(params), announcement(params));
      return OK;
    },

    "DELETE /v1/ns/instance": ({ params }) => {
      table.deregister(serviceId(params), address(params));
      return OK;
    },

    "GET /v1/ns/instance": ({ params }) => {
      const id = serviceId(params);
      const instance = table.find(id)?.instances.get(addressKey(address(params)));
      if (instance === undefined) throw new NotFound("no matched ip found!");
      const { ip, port, cluster, weight, healthy, metadata } = instance;
      const service = groupedName(id);
      const instanceId = `${ip}#${port}#${cluster}#${service}`;
      return json({ service, ip, port, clusterName: cluster, weight, healthy, instanceId, metadata });
    },

    // An operator's settings, as a whole and in part. From 3.0 on Nacos has these at /v3/admin.
    "PUT /v1/ns/instance": ({ params }) => {
      override(table, serviceId(params), address(params), wholeOverride(params));
      return OK;
    },

    "PATCH /v1/ns/instance": ({ params }) => {
      overridePart(table, serviceId(params), params);
      return OK;
    },

    "PUT /v1/ns/instance/beat": ({ params }) => {
      const id = serviceId(params);
      const beat = beatOf(params);
      let instance = table.beat(id, beat.address);
      if (instance === undefined && beat.announcement !== undefined) {
        table.register(id, beat.announcement);
        instance = table.beat(id, beat.address);
      }
      return json({
        clientBeatInterval: heartbeat(instance?.metadata ?? {}).interval,
        code: instance === undefined ? BEAT_UNKNOWN_INSTANCE : BEAT_OK,
        lightBeatEnabled: true,
      });
    },

    "GET /v1/ns/instance/list": (request) => {
      const id = serviceId(request.params);
      const clusters = clustersOf(request.params, "clusters", "");
      subscribe(id, clusters, request);
      const healthyOnly = request.params.flag("healthyOnly") ?? false;
      return {
        type: "application/json",
        body: replies.v1Body(id, table.find(id), { clusters, healthyOnly }),
      };
    },

    "GET /v1/ns/service/list": ({ params }) => {
      const page = requiredPage(params);
      const group = params.optionalName("groupName", "DEFAULT_GROUP");
      const names = table.services(namespaceOf(params), group).map(({ id }) => id.name);
      return json({ count: names.length, doms: pageOf(names, page) });
    },
  };

  // The datagram is sent to the address that the request came from, never to the `clientIP` in it, so that nobody can direct
  // datagrams at a third party.
  function subscribe(id: ServiceId, clusters: string, { params, remoteAddress, headers }: ApiRequest): void {
    const port = params.integer("udpPort", 0, 65_535);
    if (port > 0) subscribers.renew(id, { address: remoteAddress, port, clusters, agent: agentOf(headers) });
  }
}

/** What a client calls itself. */
const agentOf = (headers: ApiRequest["headers"]): string =>
  String(headers["client-version"] ?? headers["user-agent"] ?? "").slice(0, 128);

/** A full heartbeat contains the instance as JSON and can register it again; a light one only names it. */
function beatOf(params: Params): { address: Address; announcement?: Announcement } {
  const text = params.optional("beat");
  if (text === undefined) return { address: address(params) };
  const beat = parseJsonObject(text);
  if (beat === undefined) throw new BadParameter("Param 'beat' must be a JSON object.");
  const fields = jsonParams(beat);
  return {
    address: address(fields),
    announcement: {
      ...address(fields),
      cluster: clusterOf(fields),
      weight: fields.weight("weight") ?? 1,
      enabled: true,
      healthy: true,
      ephemeral: true,
      metadata: checkedMetadata("metadata", beat["metadata"] ?? {}),
    },
  };
}
