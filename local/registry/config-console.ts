// What consoles and tools for Nacos 2 read at `/v1/cs/configs`: pages of what a search finds, and one configuration with all that
// is known of it. Shapes as Nacos 2 answers them.

import { searchedName, tenantOf } from "./config-params.ts";
import { searchConfigs, typesOf } from "./config-search.ts";
import type { ConfigStore } from "./config-store.ts";
import { type Params, pageReply, requiredPage } from "./params.ts";
import { configId, type StoredConfig } from "./stored-config.ts";

/** `search=blur` or `search=accurate`. */
export function foundConfigs(store: ConfigStore, params: Params, blur: boolean) {
  const query = {
    tenant: tenantOf(params.optional("tenant")),
    dataId: searchedName(params, "dataId"),
    group: searchedName(params, "group"),
    content: undefined,
    types: typesOf(params, "types"),
    blur,
  };
  return pageReply(searchConfigs(store.all(), query), requiredPage(params), listed);
}

const listed = ({ tenant, group, dataId, content, type, md5 }: StoredConfig) => ({
  id: configId({ tenant, group, dataId }),
  dataId,
  group,
  content,
  md5,
  encryptedDataKey: "",
  tenant,
  appName: "",
  type,
});

/** `show=all`. */
export const wholeConfig = (config: StoredConfig) => ({
  ...listed(config),
  createTime: config.modifiedAt,
  modifyTime: config.modifiedAt,
  createUser: null,
  createIp: null,
  desc: null,
  use: null,
  effect: null,
  schema: null,
  configTags: null,
});
