// Which address may be announced where.

import { isLoopback, isUnspecified, parseHost } from "../../core/host.ts";
import { nacosAddress } from "../../nacos/address.ts";
import { LoopbackAdvertised } from "../../nacos/errors.ts";

/**
 * Passes unless `host` can be reached on its own machine only while the registry at `server` serves others.
 * @throws {LoopbackAdvertised}
 */
export function checkAdvertised(host: string, server: string): void {
  if (isLocal(host) && !isLocal(nacosAddress(server).host)) throw new LoopbackAdvertised(host, server);
}

/** Loopback, or the unspecified address that a listener on all interfaces shows. */
function isLocal(text: string): boolean {
  const host = parseHost(text) ?? text;
  return isLoopback(host) || isUnspecified(host);
}
