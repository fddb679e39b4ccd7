// The client paths of Nacos' v3 HTTP API. Shapes and codes as Nacos 3.1.0 answers them.

import { tenantOf } from "./config-routes.ts";
import type { ConfigStore } from "./config-store.ts";
import type { ApiReply, Routes } from "./http-edge.ts";
import { address, announcement, clustersOf, type Naming, namespaceOf, serviceId } from "./naming-routes.ts";

const INSTANCE_NOT_FOUND = 21_003;
const RESOURCE_NOT_FOUND = 20_004;

export function v3Routes({ table, replies }: Naming, configs: ConfigStore): Routes {
  return {
    // Registers, or with `heartBeat=true` renews what is registered.
    "POST /v3/client/ns/instance": ({ params }) => {
      const id = serviceId(params);
      if (params.flag("heartBeat") !== true) {
        table.register(id, announcement(params));
        return result("ok");
      }
      if (table.beat(id, address(params)) !== undefined) return result("ok");
      return failure(INSTANCE_NOT_FOUND, "instance not found");
    },

    "DELETE /v3/client/ns/instance": ({ params }) => {
      table.deregister(serviceId(params), address(params));
      return result("ok");
    },

    "GET /v3/client/ns/instance/list": ({ params }) => {
      const hosts = replies.v3(table.find(serviceId(params)), {
        clusters: clustersOf(params, "clusterName"),
        healthyOnly: params.flag("healthyOnly") ?? false,
      });
      return { type: "application/json", body: `{"code":0,"message":"success","data":${hosts}}` };
    },

    "GET /v3/client/cs/config": ({ params }) => {
      const config = configs.get({
        tenant: tenantOf(namespaceOf(params)),
        group: params.name("groupName"),
        dataId: params.name("dataId"),
      });
      if (config === undefined) return failure(RESOURCE_NOT_FOUND, "resource not found");
      return result({
        resultCode: 200,
        errorCode: 0,
        message: null,
        requestId: null,
        content: config.content,
        encryptedDataKey: "",
        contentType: config.type,
        md5: config.md5,
        lastModified: config.modifiedAt,
        tag: null,
        beta: false,
        success: true,
      });
    },
  };
}

const result = (data: unknown): ApiReply => ({
  type: "application/json",
  body: JSON.stringify({ code: 0, message: "success", data }),
});

const failure = (code: number, message: string): ApiReply => ({
  type: "application/json",
  body: JSON.stringify({ code, message, data: null }),
});
