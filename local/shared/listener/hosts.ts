// The host names that a listener answers to, against DNS rebinding: a foreign name that resolves to this address would make
// foreign pages same-origin.

import type { IncomingHttpHeaders } from "node:http";
import type { Config } from "../../../lib/config/env.ts";
import { hostOfHeader, isLoopback } from "../../../lib/core/host.ts";
import { checkHost } from "../../../lib/http/addressee.ts";
import { Problem } from "../../../lib/http/problem.ts";

/** @throws {Problem} when `Host` is not one of the served names. */
export type HostRule = (headers: IncomingHttpHeaders) => void;

/** For listeners that only this machine uses. DNS rebinding needs a name; an address or `localhost` can't be redirected. */
export const loopbackNames: HostRule = ({ host = "" }) => {
  // Nearly all requests to one of these listeners name it in the same way.
  if (host === lastAccepted) return;
  const name = hostOfHeader(host);
  if (name === undefined || !isLoopback(name))
    throw new Problem(421, "host_not_allowed", "Use localhost as the host name.");
  lastAccepted = host;
};

let lastAccepted: string | undefined;

/** For listeners that users reach: loopback names with `DEBUG`, and `ALLOWED_HOSTS`. */
export const servedNames =
  (config: Pick<Config, "DEBUG" | "ALLOWED_HOSTS">): HostRule =>
  ({ host, "cfmp-target-service": target }) => {
    checkHost(config, {
      host,
      ...(typeof target === "string" ? { "cfmp-target-service": target } : {}),
    });
  };
