// Which registry the settings mean.

import type { Config } from "../config/env.ts";
import type { Log } from "./log.ts";
import { NacosV1Registry } from "./nacos-v1.ts";
import type { Registry } from "./registry.ts";
import { type ServiceUrls, StaticRegistry } from "./static.ts";

/**
 * The registry that `config` names: fixed URLs where `ORDER_SERVICE_URL` and its like are set, Nacos for every service
 * without one. Loads and sends nothing before it is used.
 */
export function createRegistry(config: Config, log: Log): Registry {
  const urls = fixedUrls(config);
  const all = Object.keys(urls).length === Object.keys(SERVICE_URLS).length;
  if (all) return new StaticRegistry(urls);
  const nacos = new NacosV1Registry({
    server: config.NACOS_SERVER,
    namespace: config.NACOS_NAMESPACE,
    group: config.NACOS_GROUP,
    username: config.NACOS_USERNAME,
    password: config.NACOS_PASSWORD,
    log,
  });
  return Object.keys(urls).length === 0 ? nacos : new StaticRegistry(urls, nacos);
}

const SERVICE_URLS = {
  OrderService: "ORDER_SERVICE_URL",
  PaymentService: "PAYMENT_SERVICE_URL",
  NotificationService: "NOTIFICATION_SERVICE_URL",
} as const;

function fixedUrls(config: Config): ServiceUrls {
  const urls: Record<string, string> = {};
  for (const [service, setting] of Object.entries(SERVICE_URLS)) {
    const url = config[setting];
    if (url !== undefined) urls[service] = url;
  }
  return urls;
}
