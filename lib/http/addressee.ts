// Checks that a request is meant for this service, this instance and this host.

import type { Config } from "../config/env.ts";
import { hostFits, hostOfHeader, isLoopback } from "../core/host.ts";
import { MISDIRECTED } from "../discovery/peer/peer.ts";
import { Problem } from "./problem.ts";
import type { Headers } from "./request-scope.ts";

/** This process's instance id; empty on Lambda, where processes are not registered. */
export const instanceId = (): string => process.env["CFMP_INSTANCE"] ?? "";

/**
 * Checks the service and instance that a peer names in its headers: after a restart another process may have the address.
 * @throws {Problem} 421 `misdirected`; the request had no effect, so the peer may send it to another instance.
 */
export function checkTarget(service: string, headers: Headers): void {
  const wanted = headers["cfmp-target-service"];
  const instance = headers["cfmp-target-instance"];
  if ((wanted !== undefined && wanted !== service) || (instance !== undefined && instance !== instanceId())) {
    throw new Problem(MISDIRECTED, "misdirected", "This request is for another service or instance.");
  }
}

/**
 * Refuses a `Host` that matches none of `ALLOWED_HOSTS` (see {@link hostFits}). An empty list allows any host; with
 * `DEBUG=True` only the list and loopback are allowed, against DNS rebinding.
 * @throws {Problem} 400 `host_not_allowed`.
 */
export function checkHost(config: Pick<Config, "DEBUG" | "ALLOWED_HOSTS">, headers: Headers): void {
  const { DEBUG, ALLOWED_HOSTS: allowed } = config;
  if (!DEBUG && allowed.length === 0) return;
  // Not checked for peers, which call by address. With DEBUG it is: the address is loopback, and a page could send this header.
  if (!DEBUG && headers["cfmp-target-service"] !== undefined) return;
  const host = hostOfHeader(headers["host"] ?? "");
  const served =
    host === undefined
      ? allowed.includes("*")
      : (DEBUG && isLoopback(host)) || allowed.some((pattern) => hostFits(host, pattern));
  if (!served) throw new Problem(400, "host_not_allowed", "This host name is not served; see ALLOWED_HOSTS.");
}
