// A resolver over instances that are known: for what is measured without a registry.

import type { Instance } from "../../lib/discovery/registry/registry.ts";
import { Resolver } from "../../lib/discovery/resolver/resolver.ts";
import { silentLog } from "../../tests/support/silent-log.ts";

export function resolverOf(instances: readonly Instance[]): Resolver {
  return new Resolver({
    registry: {
      list: async () => instances,
      watch: (_, onChange) => {
        onChange(instances);
        return () => {};
      },
    },
    isAlive: async () => true,
    frozen: false,
    log: silentLog,
    clock: () => performance.now(),
    random: Math.random,
  });
}

export const instanceAt = (service: string, port: number, instance: string): Instance => ({
  service,
  host: "127.0.0.1",
  port,
  weight: 1,
  healthy: true,
  enabled: true,
  metadata: { instance },
});
