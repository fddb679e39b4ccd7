// What an operator sets for an instance, read from a request: all of it, or a part.

import { type Address, addressKey, type Override } from "./instance.ts";
import { address, enabledFlag } from "./naming-params.ts";
import type { Params } from "./params.ts";
import { BadParameter, NotFound } from "./request-error.ts";
import type { ServiceId, ServiceTable } from "./service-table.ts";

/** What is not named gets its default: the request says all. */
export const wholeOverride = (params: Params): Override => ({
  weight: params.weight("weight") ?? 1,
  enabled: enabledFlag(params) ?? true,
  metadata: params.metadata("metadata") ?? {},
});

/** @throws {BadParameter} when the service is unknown; of an instance it need not be there yet. */
export function override(table: ServiceTable, id: ServiceId, at: Address, change: Override): void {
  if (table.override(id, at, change)) return;
  const { namespace, group, name } = id;
  const what = `service not found, namespace: ${namespace}, service: ${group}@@${name}`;
  throw new BadParameter(what, "instance_illegal");
}

/** Changes what the request names and leaves the rest as an operator set it. @throws {NotFound} */
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
