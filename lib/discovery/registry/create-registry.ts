// Which registry the settings mean.

import type { Log } from "../../observability/log.ts";
import type { RegistrySettings } from "../settings/settings.ts";
import { NacosRegistry } from "./nacos-registry.ts";
import type { Registry } from "./registry.ts";
import { type ServiceUrls, StaticRegistry } from "./static.ts";

export interface RegistryOptions {
  /** True where the process sleeps between requests (AWS Lambda), so that no push reaches it. */
  readonly frozen?: boolean;
}

/**
 * The registry that `settings` name: fixed URLs where `ORDER_SERVICE_URL` and its like are set, Nacos for every service
 * without one. Loads and sends nothing before it is used.
 */
export function createRegistry(
  settings: RegistrySettings,
  log: Log,
  { frozen = false }: RegistryOptions = {},
): Registry {
  const urls = fixedUrls(settings);
  const all = Object.keys(urls).length === Object.keys(SERVICE_URLS).length;
  if (all) return new StaticRegistry(urls);
  const nacos = new NacosRegistry({
    server: settings.NACOS_SERVER,
    namespace: settings.NACOS_NAMESPACE,
    group: settings.NACOS_GROUP,
    cluster: settings.NACOS_CLUSTER,
    username: settings.NACOS_USERNAME,
    password: settings.NACOS_PASSWORD,
    api: settings.NACOS_API,
    prefer: frozen ? "v3" : "v1",
    log,
  });
  return Object.keys(urls).length === 0 ? nacos : new StaticRegistry(urls, nacos);
}

const SERVICE_URLS = {
  OrderService: "ORDER_SERVICE_URL",
  PaymentService: "PAYMENT_SERVICE_URL",
  NotificationService: "NOTIFICATION_SERVICE_URL",
} as const;

function fixedUrls(settings: RegistrySettings): ServiceUrls {
  const urls: Record<string, string> = {};
  for (const [service, setting] of Object.entries(SERVICE_URLS)) {
    const url = settings[setting];
    if (url !== undefined) urls[service] = url;
  }
  return urls;
}
