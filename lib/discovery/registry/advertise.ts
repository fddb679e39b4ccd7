// Which address may be announced where.

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
function isLocal(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[|\]$/g, "");
  return /^(127(\.\d{1,3}){3}|localhost|.*\.localhost|::1|0\.0\.0\.0|::|::ffff:127\..*)$/.test(bare);
}
