// Which names a listener answers to: a name of someone else's that leads here would make their pages its own.

import type { IncomingHttpHeaders } from "node:http";
import type { Config } from "../../../lib/config/env.ts";
import { hostOfHeader, isLoopback } from "../../../lib/core/host.ts";
import { checkHost } from "../../../lib/http/addressee.ts";
import { Problem } from "../../../lib/http/problem.ts";

/** @throws {Problem} when `Host` names none of those that are served. */
export type HostRule = (headers: IncomingHttpHeaders) => void;

/** For what only this machine uses. DNS rebinding needs a name; an address or `localhost` can't be made to mean something else. */
export const loopbackNames: HostRule = ({ host }) => {
  const name = hostOfHeader(host ?? "");
  if (name === undefined || !isLoopback(name))
    throw new Problem(421, "host_not_allowed", "Ask for localhost.");
};

/** For what serves people: loopback names with `DEBUG`, and `ALLOWED_HOSTS`. */
export const servedNames =
  (config: Pick<Config, "DEBUG" | "ALLOWED_HOSTS">): HostRule =>
  ({ host, "cfmp-target-service": target }) => {
    checkHost(config, {
      host,
      ...(typeof target === "string" ? { "cfmp-target-service": target } : {}),
    });
  };
