// What a probe of `/health/` found: the same for the probes of callers and of the sidecar.

import { parseJsonObject } from "../../core/tried.ts";
import { MISDIRECTED } from "./peer.ts";

/**
 * `healthy`: the instance itself answers, and takes requests. `down`: it reports that it takes none. `misdirected`: another
 * service, instance or server answers. `refused`: nothing listens. `silent`: no reply in time; the process is hung or very
 * busy. `unclear`: any other reply, or a broken connection.
 */
export type Finding = "healthy" | "down" | "misdirected" | "refused" | "silent" | "unclear";

/**
 * What the reply to a probe says of the instance that is expected there. A static address has no instance id: behind it may be
 * a gateway, whose health is that of another service, so only the status counts there.
 */
export function judgeHealth(
  expected: { readonly service: string; readonly instance: string | undefined },
  { status, body }: { readonly status: number; readonly body: string },
): Finding {
  if (status === MISDIRECTED || status === 404) return "misdirected";
  const { service, instance, status: state } = parseJsonObject(body) ?? {};
  const named = service !== undefined && instance !== undefined;
  if (expected.instance !== undefined) {
    const itself = service === expected.service && instance === expected.instance;
    // A problem reply names nobody; it may be the instance's own.
    if (!itself && (named || status < 400)) return "misdirected";
  }
  if (status < 400) return "healthy";
  return named && status === 503 && state === "down" ? "down" : "unclear";
}
