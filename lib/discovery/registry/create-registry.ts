// Creates the registry that the settings name.

import { apiChoice } from "../../nacos/api.ts";
import type { Log } from "../../observability/log.ts";
import type { RegistrySettings, UrlOf } from "../settings/settings.ts";
import { NacosRegistry } from "./nacos-registry.ts";
import type { Registry } from "./registry.ts";
import { StaticRegistry } from "./static.ts";

export interface RegistryOptions {
  /** True where the process is frozen between requests (AWS Lambda), so that no push reaches it. */
  readonly frozen?: boolean;
  /**
   * True where the server is the embedded registry: `NACOS_API=auto` takes v3, which needs no package, and heartbeats go over a connection
   * of their own ({@link BeatLine}).
   */
  readonly embedded?: boolean;
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
  { frozen = false, embedded = false, urlOf = () => undefined }: RegistryOptions = {},
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
    order: embedded ? ["v3", ...order.filter((version) => version !== "v3")] : order,
    beatLine: embedded,
    log,
  });
  return new StaticRegistry(urlOf, nacos);
}
