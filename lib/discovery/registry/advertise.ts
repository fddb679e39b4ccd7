// Checks that an address is useful to those who read it in the registry.

import { isLoopback, isUnspecified, parseHost } from "../../core/host.ts";
import { nacosAddress } from "../../nacos/address.ts";
import { LoopbackAdvertised } from "../../nacos/errors.ts";

/**
 * Checks that `host` may be registered at `server`: a loopback address only at a registry on this same machine.
 * @throws {LoopbackAdvertised} when other machines would read an address that they cannot reach.
 */
export function checkAdvertised(host: string, server: string): void {
  if (isLocal(host) && !isLocal(nacosAddress(server).host)) throw new LoopbackAdvertised(host, server);
}

/** Loopback, or the unspecified address that a listener on all interfaces shows. */
function isLocal(text: string): boolean {
  const host = parseHost(text) ?? text;
  return isLoopback(host) || isUnspecified(host);
}
