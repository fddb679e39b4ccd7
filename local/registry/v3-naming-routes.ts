// Nacos' v3 naming paths: for clients, and for operators and their tools. Shapes and codes as Nacos 3.1.0 answers them.

import type { ApiReply } from "./api-reply.ts";
import type { Routes } from "./http-edge.ts";
import { addressKey } from "./instance.ts";
import { v3Host } from "./list-reply.ts";
import { address, announcement, clusterOf, clustersOf, v3ServiceId } from "./naming-params.ts";
import type { Naming } from "./naming-routes.ts";
import { override, overridePart, wholeOverride } from "./operator.ts";
import { NotFound } from "./request-error.ts";
import { refusal, success } from "./v3-reply.ts";

const INSTANCE_NOT_FOUND = 21_003;
const OK = success("ok");

export function v3NamingRoutes(naming: Naming): Routes {
  return { ...clientRoutes(naming), ...adminRoutes(naming) };
}

function clientRoutes({ table, replies }: Naming): Routes {
  return {
    // Registers, or with `heartBeat=true` renews what is registered.
    "POST /v3/client/ns/instance": ({ params }) => {
      const id = v3ServiceId(params);
      if (params.flag("heartBeat") !== true) {
        table.register(id, announcement(params));
        return OK;
      }
      const known = table.beat(id, address(params)) !== undefined;
      return known ? OK : refusal(INSTANCE_NOT_FOUND, "instance not found");
    },

    "DELETE /v3/client/ns/instance": ({ params }) => {
      table.deregister(v3ServiceId(params), address(params));
      return OK;
    },

    "GET /v3/client/ns/instance/list": ({ params }): ApiReply => {
      const clusters = clustersOf(params, "clusterName", "DEFAULT");
      return { type: "application/json", body: replies.v3(table.find(v3ServiceId(params)), clusters) };
    },
  };
}

function adminRoutes({ table }: Naming): Routes {
  return {
    "POST /v3/admin/ns/instance": ({ params }) => {
      table.register(v3ServiceId(params), announcement(params));
      return OK;
    },

    "DELETE /v3/admin/ns/instance": ({ params }) => {
      table.deregister(v3ServiceId(params), address(params));
      return OK;
    },

    "PUT /v3/admin/ns/instance": ({ params }) => {
      override(table, v3ServiceId(params), address(params), wholeOverride(params));
      return OK;
    },

    "PUT /v3/admin/ns/instance/partial": ({ params }) => {
      overridePart(table, v3ServiceId(params), params);
      return OK;
    },

    "GET /v3/admin/ns/instance": ({ params }) => {
      const id = v3ServiceId(params);
      const instance = table.find(id)?.instances.get(addressKey(address(params)));
      if (instance === undefined) throw new NotFound("no matched ip found!");
      return success(v3Host(id, instance));
    },

    // Includes disabled instances.
    "GET /v3/admin/ns/instance/list": ({ params }) => {
      const id = v3ServiceId(params);
      const cluster = clusterOf(params);
      const service = table.find(id);
      if (service === undefined)
        throw new NotFound(`service ${id.group}@@${id.name} is not found!`, "no_such_service");
      const instances = [...service.instances.values()].filter((each) => each.cluster === cluster);
      return success(instances.map((each) => v3Host(id, each)));
    },
  };
}
