// Nacos' v3 configuration paths: reading for clients, everything for operators and their tools. As Nacos 3.1.0 answers.

import { casMd5Of, searchedName, tenantOf } from "./config-params.ts";
import { searchConfigs, typesOf } from "./config-search.ts";
import type { ConfigStore } from "./config-store.ts";
import type { Routes } from "./http-edge.ts";
import { namespaceOf } from "./naming-params.ts";
import { type Params, pageQuery, pageReply } from "./params.ts";
import { NotFound } from "./request-error.ts";
import { type ConfigKey, configId, type StoredConfig } from "./stored-config.ts";
import { refusal, success } from "./v3-reply.ts";

const RESOURCE_NOT_FOUND = 20_004;

export function v3ConfigRoutes(configs: ConfigStore): Routes {
  return {
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

    "GET /v3/admin/cs/config/list": ({ params }) => {
      const query = {
        tenant: tenantOf(namespaceOf(params)),
        dataId: searchedName(params, "dataId"),
        group: searchedName(params, "groupName"),
        content: params.optional("configDetail"),
        types: typesOf(params, "type"),
        blur: params.optional("search") !== "accurate",
      };
      return success(pageReply(searchConfigs(configs.all(), query), pageQuery(params), listed));
    },

    "POST /v3/admin/cs/config": async ({ params, headers }) => {
      const content = params.required("content");
      await configs.publish(keyOf(params), content, params.optional("type"), casMd5Of(headers));
      return success(true);
    },

    "DELETE /v3/admin/cs/config": async ({ params }) => {
      await configs.remove(keyOf(params));
      return success(true);
    },
  };
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

const listed = ({ tenant, group, dataId, type, md5, modifiedAt }: StoredConfig) => ({
  id: configId({ tenant, group, dataId }),
  namespaceId: tenant,
  groupName: group,
  dataId,
  md5,
  type,
  appName: "",
  createTime: modifiedAt,
  modifyTime: modifiedAt,
});

const forOperators = (config: StoredConfig) => ({
  ...listed(config),
  content: config.content,
  desc: null,
  encryptedDataKey: "",
  createUser: null,
  createIp: null,
  configTags: null,
});
