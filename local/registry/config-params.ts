// The parameters of a configuration request: which configuration, and which content it may replace.

import type { ApiRequest } from "./http-edge.ts";
import { checkedName, type Params } from "./params.ts";
import type { ConfigKey } from "./stored-config.ts";

/** Nacos calls the namespace of a configuration its tenant; the empty one is `public`. */
export const tenantOf = (text: string | undefined): string => checkedName("tenant", text || "public", 128);

/** The configuration that a request names: `tenant`, `group` and `dataId`. */
export const keyOf = (params: Params): ConfigKey => ({
  tenant: tenantOf(params.optional("tenant")),
  group: params.name("group"),
  dataId: params.name("dataId"),
});

/**
 * The name in a search, if there is one. As in Nacos, characters that no name has, among them `*`, may be in it only if the
 * request says `search=blur`.
 */
export const searchedName = (params: Params, name: string): string | undefined => {
  const text = params.optional(name);
  return text === undefined || params.optional("search") === "blur" ? text : checkedName(name, text);
};

/** The MD5 that the present content must have, if a client wants to replace just that. */
export const casMd5Of = (headers: ApiRequest["headers"]): string | undefined => {
  const given = headers["casmd5"];
  return typeof given === "string" ? given : undefined;
};
