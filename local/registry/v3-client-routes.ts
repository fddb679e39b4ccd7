// Nacos' v3 paths by which operators and consoles look at clients: who registered and who subscribes. Shapes as Nacos 3.1.0
// answers them.

import type { ClientPublication, ClientSubscription, Clients } from "./clients.ts";
import type { Routes } from "./http-edge.ts";
import { v3ServiceId } from "./naming-params.ts";
import type { Naming } from "./naming-routes.ts";
import type { Params } from "./params.ts";
import { NotFound } from "./request-error.ts";
import type { ServiceId } from "./service-table.ts";
import { success } from "./v3-reply.ts";

export function v3ClientRoutes({ table, clients }: Naming): Routes {
  /** @throws {NotFound} when there is no such client. */
  function clientOf(params: Params): string {
    const client = params.required("clientId");
    if (clients.ids().has(client)) return client;
    throw new NotFound(`clientId [ ${client} ] not exist`);
  }

  return {
    "GET /v3/admin/ns/client/list": () => success([...clients.ids()]),

    "GET /v3/admin/ns/client": ({ params }) => success(detail(clients, clientOf(params))),

    "GET /v3/admin/ns/client/publish/list": ({ params }) => {
      const client = clientOf(params);
      const own = clients.publications().filter(({ clientId }) => clientId === client);
      return success(
        own.map((each) => ({ ...named(each.id), publisherInfo: publisher(each), subscriberInfo: null })),
      );
    },

    "GET /v3/admin/ns/client/subscribe/list": ({ params }) => {
      const client = clientOf(params);
      const own = clients.subscriptions().filter(({ clientId }) => clientId === client);
      return success(
        own.map((each) => ({ ...named(each.id), publisherInfo: null, subscriberInfo: subscriber(each) })),
      );
    },

    "GET /v3/admin/ns/client/service/publisher/list": ({ params }) => {
      const isAt = at(params);
      const all = clients.publications(v3ServiceId(params)).filter(({ instance }) => isAt(instance));
      return success(all.map((each) => ({ clientId: each.clientId, ...publisher(each) })));
    },

    "GET /v3/admin/ns/client/service/subscriber/list": ({ params }) => {
      const all = clients.subscriptions(v3ServiceId(params)).filter(at(params));
      return success(all.map((each) => ({ clientId: each.clientId, ...subscriber(each) })));
    },

    "GET /v3/admin/ns/ops/metrics": ({ params }) => {
      const status = { status: "UP" };
      if (params.flag("onlyStatus") ?? true) return success(status);
      const ids = [...clients.ids()];
      return success({
        ...status,
        serviceCount: table.services().length,
        instanceCount: clients.publications().length,
        subscribeCount: clients.subscriptions().length,
        clientCount: ids.length,
        connectionBasedClientCount: clients.connected().length,
        ephemeralIpPortClientCount: ids.filter((id) => id.endsWith("#true")).length,
        persistentIpPortClientCount: ids.filter((id) => id.endsWith("#false")).length,
        responsibleClientCount: ids.length,
      });
    },
  };
}

function detail(clients: Clients, clientId: string) {
  const times = clients
    .publications()
    .filter((each) => each.clientId === clientId)
    .map(({ updatedAt }) => updatedAt);
  const connected = clients.connected().find(({ id }) => id === clientId);
  const lastUpdatedTime = Math.max(connected?.since ?? 0, ...times);
  if (connected === undefined)
    return {
      clientId,
      ephemeral: clientId.endsWith("#true"),
      lastUpdatedTime,
      clientType: "ipPort",
      connectType: null,
      appName: null,
      version: null,
      clientIp: null,
      clientPort: 0,
    };
  return {
    clientId,
    ephemeral: true,
    lastUpdatedTime,
    clientType: "connection",
    connectType: "GRPC",
    appName: connected.appName ?? "-",
    version: connected.version,
    clientIp: connected.ip,
    clientPort: connected.port,
  };
}

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
const publisher = ({ instance: { ip, port, cluster } }: ClientPublication) => ({
  ip,
  port,
  clusterName: cluster,
});
const subscriber = ({ appName, agent, address }: ClientSubscription) => ({ appName, agent, address });
