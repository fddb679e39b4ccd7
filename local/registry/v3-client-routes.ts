// Nacos' v3 paths by which operators and consoles look at clients: who registered and who subscribes. Shapes as Nacos 3.1.0
// answers them. Nacos counts each address of an instance or subscriber as one client.

import type { Routes } from "./http-edge.ts";
import type { StoredInstance } from "./instance.ts";
import { v3ServiceId } from "./naming-params.ts";
import type { Naming } from "./naming-routes.ts";
import type { Params } from "./params.ts";
import { NotFound } from "./request-error.ts";
import type { ServiceId } from "./service-table.ts";
import type { Subscription } from "./subscribers.ts";
import { success } from "./v3-reply.ts";

export function v3ClientRoutes({ table, subscribers }: Naming): Routes {
  const published = () =>
    table.services().flatMap(({ id, instances }) => [...instances.values()].map((each) => ({ id, ...each })));
  const clients = (): ReadonlySet<string> =>
    new Set([...published().map(publisherId), ...subscribers.all().map(subscriberId)]);

  /** @throws {NotFound} when there is no such client. */
  function clientOf(params: Params): string {
    const client = params.required("clientId");
    if (clients().has(client)) return client;
    throw new NotFound(`clientId [ ${client} ] not exist`);
  }

  return {
    "GET /v3/admin/ns/client/list": () => success([...clients()]),

    "GET /v3/admin/ns/client": ({ params }) => {
      const clientId = clientOf(params);
      const times = published()
        .filter((each) => publisherId(each) === clientId)
        .map(({ lastBeat }) => lastBeat);
      return success({
        clientId,
        ephemeral: clientId.endsWith("#true"),
        lastUpdatedTime: Math.max(0, ...times),
        clientType: "ipPort",
        connectType: null,
        appName: null,
        version: null,
        clientIp: null,
        clientPort: 0,
      });
    },

    "GET /v3/admin/ns/client/publish/list": ({ params }) => {
      const client = clientOf(params);
      const own = published().filter((each) => publisherId(each) === client);
      return success(
        own.map((each) => ({ ...named(each.id), publisherInfo: publisher(each), subscriberInfo: null })),
      );
    },

    "GET /v3/admin/ns/client/subscribe/list": ({ params }) => {
      const client = clientOf(params);
      const own = subscribers.all().filter((each) => subscriberId(each) === client);
      return success(
        own.map((each) => ({ ...named(each.id), publisherInfo: null, subscriberInfo: subscriber(each) })),
      );
    },

    "GET /v3/admin/ns/client/service/publisher/list": ({ params }) => {
      const instances = [...(table.find(v3ServiceId(params))?.instances.values() ?? [])].filter(at(params));
      return success(instances.map((each) => ({ clientId: publisherId(each), ...publisher(each) })));
    },

    "GET /v3/admin/ns/client/service/subscriber/list": ({ params }) => {
      const all = subscribers.of(v3ServiceId(params)).map((each) => ({ ...each, ip: each.address }));
      return success(
        all.filter(at(params)).map((each) => ({ clientId: subscriberId(each), ...subscriber(each) })),
      );
    },

    "GET /v3/admin/ns/ops/metrics": ({ params }) => {
      const status = { status: "UP" };
      if (params.flag("onlyStatus") ?? true) return success(status);
      const ids = [...clients()];
      return success({
        ...status,
        serviceCount: table.services().length,
        instanceCount: published().length,
        subscribeCount: subscribers.all().length,
        clientCount: ids.length,
        connectionBasedClientCount: 0,
        ephemeralIpPortClientCount: ids.filter((id) => id.endsWith("#true")).length,
        persistentIpPortClientCount: ids.filter((id) => id.endsWith("#false")).length,
        responsibleClientCount: ids.length,
      });
    },
  };
}

const publisherId = ({ ip, port, ephemeral }: StoredInstance): string => `${ip}:${port}#${ephemeral}`;
const subscriberId = ({ address, port }: Subscription): string => `${address}:${port}#true`;

/** Only those at the address in the request, if it names one. */
function at(params: Params): (client: { readonly ip: string; readonly port: number }) => boolean {
  const ip = params.optional("ip");
  const port = params.integer("port", 0, 65_535);
  return (client) => (ip === undefined || client.ip === ip) && (port === 0 || client.port === port);
}

const named = ({ namespace, group, name }: ServiceId) => ({
  namespaceId: namespace,
  groupName: group,
  serviceName: name,
});
const publisher = ({ ip, port, cluster }: StoredInstance) => ({ ip, port, clusterName: cluster });
const subscriber = ({ address, port, agent }: Subscription) => ({
  appName: "",
  agent: agent ?? "",
  address: `${address}:${port}`,
});
