// An operator's settings for an instance, read from a request: as a whole, or in part.

import { type Address, addressKey, type Override } from "./instance.ts";
import { address, enabledFlag } from "./naming-params.ts";
import type { Params } from "./params.ts";
import { BadParameter, NotFound } from "./request-error.ts";
import type { ServiceId, ServiceTable } from "./service-table.ts";

/** All settings: what the request omits gets its default. */
export const wholeOverride = (params: Params): Override => ({
  weight: params.weight("weight") ?? 1,
  enabled: enabledFlag(params) ?? true,
  metadata: params.metadata("metadata") ?? {},
});

/** Replaces an operator's settings for an instance, which need not be registered yet. @throws {BadParameter} when the service is unknown. */
export function override(table: ServiceTable, id: ServiceId, at: Address, change: Override): void {
  if (table.override(id, at, change)) return;
  const { namespace, group, name } = id;
  const what = `service not found, namespace: ${namespace}, service: ${group}@@${name}`;
  throw new BadParameter(what, "instance_illegal");
}

/** Changes only the settings that the request names. @throws {NotFound} when the instance is not registered. */
export function overridePart(table: ServiceTable, id: ServiceId, params: Params): void {
  const at = address(params);
  if (table.find(id)?.instances.has(addressKey(at)) !== true) throw new NotFound("no matched ip found!");
  const weight = params.weight("weight");
  const enabled = enabledFlag(params);
  const metadata = params.metadata("metadata");
  const before = table.overrideOf(id, at) ?? {};
  override(table, id, at, {
    ...before,
    ...(weight !== undefined && { weight }),
    ...(enabled !== undefined && { enabled }),
    ...(metadata !== undefined && { metadata: { ...before.metadata, ...metadata } }),
  });
}
