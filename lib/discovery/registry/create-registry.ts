// Creates the registry that the settings name.

import type { ApiVersion } from "../../nacos/api.ts";
import type { Log } from "../../observability/log.ts";
import type { RegistrySettings, UrlOf } from "../settings/settings.ts";
import { NacosRegistry } from "./nacos-registry.ts";
import type { Registry } from "./registry.ts";
import { StaticRegistry } from "./static.ts";

export interface RegistryOptions {
  /** True where the process is frozen between requests (AWS Lambda), so that no push reaches it. */
  readonly frozen?: boolean;
  /** Which of Nacos' APIs to take where the server has both; see {@link NacosApi}. By default v3 where frozen, else v1. */
  readonly prefer?: ApiVersion | undefined;
  /** The URLs of services with a fixed address, which are not looked up; by default none. */
  readonly urlOf?: UrlOf;
}

/**
 * The registry for `settings`: services with a fixed URL have one instance at that URL, all others are looked up in Nacos.
 * Without `NACOS_SERVER`, listing any other service throws {@link ServiceAddressUnknown}. Loads and sends nothing before
 * the first use.
 */
export function createRegistry(
  settings: RegistrySettings,
  log: Log,
  { frozen = false, prefer = frozen ? "v3" : "v1", urlOf = () => undefined }: RegistryOptions = {},
): Registry {
  const server = settings.NACOS_SERVER;
  if (server === undefined) return new StaticRegistry(urlOf);
  const nacos = new NacosRegistry({
    server,
    ca: settings.NACOS_CA,
    namespace: settings.NACOS_NAMESPACE,
    group: settings.NACOS_GROUP,
    cluster: settings.NACOS_CLUSTER,
    username: settings.NACOS_USERNAME,
    password: settings.NACOS_PASSWORD,
    api: settings.NACOS_API,
    prefer,
    log,
  });
  return new StaticRegistry(urlOf, nacos);
}
