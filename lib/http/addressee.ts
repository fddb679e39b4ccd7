// Is this request meant for this service, this instance and this host?

import type { Config } from "../config/env.ts";
import { hostFits, hostOfHeader, isLoopback } from "../core/host.ts";
import { MISDIRECTED } from "../discovery/peer/peer.ts";
import { Problem } from "./problem.ts";
import type { Headers } from "./request-scope.ts";

/** The id of this running process among instances; empty where a frozen Lambda has no such thing. */
export const instanceId = (): string => process.env["CFMP_INSTANCE"] ?? "";

/**
 * Peers name the service and the instance they mean, so a reused port can't take another's traffic.
 * @throws {Problem} 421; nothing has had an effect, so the peer may ask another instance.
 */
export function checkTarget(service: string, headers: Headers): void {
  const wanted = headers["cfmp-target-service"];
  const instance = headers["cfmp-target-instance"];
  if ((wanted !== undefined && wanted !== service) || (instance !== undefined && instance !== instanceId())) {
    throw new Problem(MISDIRECTED, "misdirected", "Another service or instance was meant.");
  }
}

/**
 * Refuses a `Host` that fits none of `ALLOWED_HOSTS` (see {@link hostFits}). An empty list means any host.
 * With `DEBUG=True` it is the list and loopback: a page elsewhere must not reach a laptop through DNS.
 * @throws {Problem} 400.
 */
export function checkHost(config: Pick<Config, "DEBUG" | "ALLOWED_HOSTS">, headers: Headers): void {
  const { DEBUG, ALLOWED_HOSTS: allowed } = config;
  if (!DEBUG && allowed.length === 0) return;
  // Peers call each other by address. With DEBUG that is loopback; a page could send this header as well.
  if (!DEBUG && headers["cfmp-target-service"] !== undefined) return;
  const host = hostOfHeader(headers["host"] ?? "");
  const served =
    host === undefined
      ? allowed.includes("*")
      : (DEBUG && isLoopback(host)) || allowed.some((pattern) => hostFits(host, pattern));
  if (!served) throw new Problem(400, "host_not_allowed", "This host name is not served; see ALLOWED_HOSTS.");
}
