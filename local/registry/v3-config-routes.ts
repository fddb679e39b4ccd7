// Nacos' v3 configuration paths: reading for clients, everything for operators and their tools. As Nacos 3.1.0 answers.

import { tenantOf } from "./config-routes.ts";
import type { ConfigStore } from "./config-store.ts";
import type { Routes } from "./http-edge.ts";
import { namespaceOf } from "./naming-params.ts";
import type { Params } from "./params.ts";
import { NotFound } from "./request-error.ts";
import type { ConfigKey, StoredConfig } from "./stored-config.ts";
import { enveloped, refusal, success } from "./v3-reply.ts";

const RESOURCE_NOT_FOUND = 20_004;

export function v3ConfigRoutes(configs: ConfigStore): Routes {
  return enveloped({
    "GET /v3/client/cs/config": ({ params }) => {
      const config = configs.get(keyOf(params));
      return config === undefined
        ? refusal(RESOURCE_NOT_FOUND, "resource not found")
        : success(forClients(config));
    },

    "GET /v3/admin/cs/config": ({ params }) => {
      const config = configs.get(keyOf(params));
      if (config === undefined) throw new NotFound("Config not exist, please publish Config first.");
      return success(forOperators(config));
    },

    "POST /v3/admin/cs/config": async ({ params }) => {
      await configs.publish(keyOf(params), params.required("content"), params.optional("type"));
      return success(true);
    },

    "DELETE /v3/admin/cs/config": async ({ params }) => {
      await configs.remove(keyOf(params));
      return success(true);
    },
  });
}

const keyOf = (params: Params): ConfigKey => ({
  tenant: tenantOf(namespaceOf(params)),
  group: params.name("groupName"),
  dataId: params.name("dataId"),
});

const forClients = ({ content, type, md5, modifiedAt }: StoredConfig) => ({
  resultCode: 200,
  errorCode: 0,
  message: null,
  requestId: null,
  content,
  encryptedDataKey: "",
  contentType: type,
  md5,
  lastModified: modifiedAt,
  tag: null,
  beta: false,
  success: true,
});

const forOperators = ({ tenant, group, dataId, content, type, md5, modifiedAt }: StoredConfig) => ({
  namespaceId: tenant,
  groupName: group,
  dataId,
  md5,
  type,
  appName: "",
  modifyTime: modifiedAt,
  content,
  desc: null,
  encryptedDataKey: "",
});
