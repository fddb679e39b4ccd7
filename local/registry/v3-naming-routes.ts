// Nacos' v3 naming paths: for clients, and for operators and their tools. Shapes and codes as Nacos 3.1.0 answers them.

import type { ApiReply, Routes } from "./http-edge.ts";
import { addressKey } from "./instance.ts";
import { v3Host } from "./list-reply.ts";
import { address, announcement, clusterOf, clustersOf, namespaceOf } from "./naming-params.ts";
import type { Naming } from "./naming-routes.ts";
import { override, overridePart, wholeOverride } from "./operator.ts";
import { type Params, pageOf } from "./params.ts";
import { NotFound } from "./request-error.ts";
import type { Service, ServiceId } from "./service-table.ts";
import { enveloped, refusal, success } from "./v3-reply.ts";

const INSTANCE_NOT_FOUND = 21_003;
const OK = success("ok");

export function v3NamingRoutes(naming: Naming): Routes {
  return enveloped({ ...clientRoutes(naming), ...adminRoutes(naming) });
}

function clientRoutes({ table, replies }: Naming): Routes {
  return {
    // Registers, or with `heartBeat=true` renews what is registered.
    "POST /v3/client/ns/instance": ({ params }) => {
      const id = serviceId(params);
      if (params.flag("heartBeat") !== true) {
        table.register(id, announcement(params));
        return OK;
      }
      const known = table.beat(id, address(params)) !== undefined;
      return known ? OK : refusal(INSTANCE_NOT_FOUND, "instance not found");
    },

    "DELETE /v3/client/ns/instance": ({ params }) => {
      table.deregister(serviceId(params), address(params));
      return OK;
    },

    "GET /v3/client/ns/instance/list": ({ params }): ApiReply => {
      const clusters = clustersOf(params, "clusterName", "DEFAULT");
      return { type: "application/json", body: replies.v3(table.find(serviceId(params)), clusters) };
    },
  };
}

function adminRoutes({ table }: Naming): Routes {
  return {
    "POST /v3/admin/ns/instance": ({ params }) => {
      table.register(serviceId(params), announcement(params));
      return OK;
    },

    "DELETE /v3/admin/ns/instance": ({ params }) => {
      table.deregister(serviceId(params), address(params));
      return OK;
    },

    "PUT /v3/admin/ns/instance": ({ params }) => {
      override(table, serviceId(params), address(params), wholeOverride(params));
      return OK;
    },

    "PUT /v3/admin/ns/instance/partial": ({ params }) => {
      overridePart(table, serviceId(params), params);
      return OK;
    },

    "GET /v3/admin/ns/instance": ({ params }) => {
      const id = serviceId(params);
      const instance = table.find(id)?.instances.get(addressKey(address(params)));
      if (instance === undefined) throw new NotFound("no matched ip found!");
      return success(v3Host(id, instance));
    },

    // Includes disabled instances.
    "GET /v3/admin/ns/instance/list": ({ params }) => {
      const id = serviceId(params);
      const cluster = clusterOf(params);
      const service = table.find(id);
      if (service === undefined)
        throw new NotFound(`service ${id.group}@@${id.name} is not found!`, "no_such_service");
      const instances = [...service.instances.values()].filter((each) => each.cluster === cluster);
      return success(instances.map((each) => v3Host(id, each)));
    },

    "GET /v3/admin/ns/service/list": ({ params }) => {
      const page = params.integer("pageNo", 1, 1_000_000);
      const size = params.integer("pageSize", 100, 10_000);
      const group = params.optionalName("groupNameParam", "DEFAULT_GROUP");
      const name = params.optional("serviceNameParam") ?? "";
      const services = table
        .services(namespaceOf(params), group)
        .filter(({ id }) => id.name.includes(name.replaceAll("*", "")));
      return success({
        totalCount: services.length,
        pageNumber: page,
        pagesAvailable: Math.ceil(services.length / Math.max(1, size)),
        pageItems: pageOf(services, page, size).map(summary),
      });
    },
  };
}

/** Unlike in v1, the name never has the group in front. */
const serviceId = (params: Params): ServiceId => ({
  namespace: namespaceOf(params),
  group: params.optionalName("groupName", "DEFAULT_GROUP"),
  name: params.name("serviceName", 512),
});

function summary({ id, instances }: Service) {
  const all = [...instances.values()];
  return {
    name: id.name,
    groupName: id.group,
    clusterCount: new Set(all.map(({ cluster }) => cluster)).size,
    ipCount: all.length,
    healthyInstanceCount: all.filter(({ healthy }) => healthy).length,
    triggerFlag: "false",
  };
}
