// Nacos' v1 naming API: register, deregister, beat, list. Shapes as Nacos 3.1.0 answers them.

import type { ApiReply, ApiRequest, Routes } from "./http-edge.ts";
import { type Address, type Announcement, heartbeat } from "./instance.ts";
import type { ListReplies } from "./list-reply.ts";
import { checkedName, checkedWeight, type Params, parseJson, stringRecord } from "./params.ts";
import { BadParameter } from "./request-error.ts";
import type { ServiceId, ServiceTable } from "./service-table.ts";
import type { Subscribers } from "./subscribers.ts";

export interface Naming {
  readonly table: ServiceTable;
  readonly replies: ListReplies;
  readonly subscribers: Subscribers;
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

    "PUT /v1/ns/instance": ({ params }) => {
      const weight = params.weight("weight");
      const enabled = enabledFlag(params);
      const metadata = params.metadata("metadata");
      const known = table.override(serviceId(params), address(params), {
        ...(weight !== undefined && { weight }),
        ...(enabled !== undefined && { enabled }),
        ...(metadata !== undefined && { metadata }),
      });
      if (!known) throw new BadParameter("instance not found");
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
      const clusters = clustersOf(request.params, "clusters");
      subscribe(id, clusters, request);
      const healthyOnly = request.params.flag("healthyOnly") ?? false;
      return { type: "application/json", body: replies.v1(id, table.find(id), { clusters, healthyOnly }) };
    },

    "GET /v1/ns/service/list": ({ params }) => {
      const page = params.requiredInteger("pageNo", 1_000_000);
      const size = params.requiredInteger("pageSize", 10_000);
      const names = table.names(namespaceOf(params), params.optionalName("groupName", "DEFAULT_GROUP"));
      const from = Math.max(0, page - 1) * size;
      return json({ count: names.length, doms: names.slice(from, from + size) });
    },

    "GET /v1/ns/operator/metrics": () => json({ status: "UP" }),
  };

  // The datagram goes to where the request came from, never to the `clientIP` it names:
  // nobody can aim the registry at a third party.
  function subscribe(id: ServiceId, clusters: string, { params, remoteAddress }: ApiRequest): void {
    const port = params.integer("udpPort", 0, 65_535);
    if (port > 0) subscribers.renew(id, { address: remoteAddress, port, clusters });
  }
}

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

export const namespaceOf = (params: Params): string => params.optionalName("namespaceId", "public", 128);

/** A comma-separated list of cluster names, empty for all. */
export function clustersOf(params: Params, name: string): string {
  const clusters = params.optional(name) ?? "";
  if (clusters !== "") checkedName(name, clusters.replaceAll(",", "-"));
  return clusters;
}

export const address = (params: Params): Address => ({
  ip: params.name("ip"),
  port: params.port("port"),
  cluster: params.optionalName("clusterName", params.optionalName("cluster", "DEFAULT")),
});

export const announcement = (params: Params): Announcement => ({
  ...address(params),
  weight: params.weight("weight") ?? 1,
  enabled: enabledFlag(params) ?? true,
  healthy: params.flag("healthy") ?? true,
  ephemeral: params.flag("ephemeral") ?? true,
  metadata: params.metadata("metadata") ?? {},
});

const enabledFlag = (params: Params): boolean | undefined => params.flag("enabled") ?? params.flag("enable");

/** A full beat carries the instance as JSON and can bring it back; a light one only names it. */
function beatOf(params: Params): { address: Address; announcement?: Announcement } {
  const text = params.optional("beat");
  if (text === undefined) return { address: address(params) };
  const beat = parseJson(text);
  if (typeof beat !== "object" || beat === null)
    throw new BadParameter("Param 'beat' must be a JSON object.");
  const fields = new Map<string, unknown>(Object.entries(beat));
  const port = Number(fields.get("port"));
  const metadata = stringRecord(fields.get("metadata") ?? {});
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || metadata === undefined) {
    throw new BadParameter("Param 'beat' is illegal.");
  }
  const at = {
    ip: checkedName("ip", String(fields.get("ip") ?? "")),
    port,
    cluster: checkedName("cluster", String(fields.get("cluster") || "DEFAULT")),
  };
  const weight = checkedWeight(Number(fields.get("weight") ?? 1));
  return {
    address: at,
    announcement: { ...at, weight, enabled: true, healthy: true, ephemeral: true, metadata },
  };
}

const json = (value: unknown): ApiReply => ({ type: "application/json", body: JSON.stringify(value) });
