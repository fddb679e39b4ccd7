// Which registry the settings mean.

import type { Log } from "../../observability/log.ts";
import type { RegistrySettings, UrlOf } from "../settings/settings.ts";
import { NacosRegistry } from "./nacos-registry.ts";
import type { Registry } from "./registry.ts";
import { StaticRegistry } from "./static.ts";

export interface RegistryOptions {
  /** True where the process sleeps between requests (AWS Lambda), so that no push reaches it. */
  readonly frozen?: boolean;
  /** Services at fixed addresses, which are not looked up; by default none. */
  readonly urlOf?: UrlOf;
}

/**
 * The registry for `settings`: services with a fixed URL are there, all others in Nacos; without `NACOS_SERVER` they are
 * unknown, and asking for one throws {@link ServiceAddressUnknown}. Loads and sends nothing before it is used.
 */
export function createRegistry(
  settings: RegistrySettings,
  log: Log,
  { frozen = false, urlOf = () => undefined }: RegistryOptions = {},
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
    prefer: frozen ? "v3" : "v1",
    log,
  });
  return new StaticRegistry(urlOf, nacos);
}
