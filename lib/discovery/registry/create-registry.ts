// Creates the registry that the settings name.

import { type ApiVersion, apiChoice } from "../../nacos/api.ts";
import type { Log } from "../../observability/log.ts";
import type { RegistrySettings, UrlOf } from "../settings/settings.ts";
import { NacosRegistry } from "./nacos-registry.ts";
import type { Registry } from "./registry.ts";
import { StaticRegistry } from "./static.ts";

export interface RegistryOptions {
  /** True where the process is frozen between requests (AWS Lambda), so that no push reaches it. */
  readonly frozen?: boolean;
  /** The API that `NACOS_API=auto` takes if the server has it; otherwise, and by default, see {@link apiChoice}. */
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
  { frozen = false, prefer, urlOf = () => undefined }: RegistryOptions = {},
): Registry {
  const server = settings.NACOS_SERVER;
  if (server === undefined) return new StaticRegistry(urlOf);
  const { choice, order } = apiChoice(settings.NACOS_API, frozen);
  const nacos = new NacosRegistry({
    server,
    ca: settings.NACOS_CA,
    namespace: settings.NACOS_NAMESPACE,
    group: settings.NACOS_GROUP,
    cluster: settings.NACOS_CLUSTER,
    username: settings.NACOS_USERNAME,
    password: settings.NACOS_PASSWORD,
    choice,
    order: prefer === undefined ? order : [prefer, ...order.filter((version) => version !== prefer)],
    log,
  });
  return new StaticRegistry(urlOf, nacos);
}
