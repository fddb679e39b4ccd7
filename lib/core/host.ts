// Names and addresses of hosts, as settings and `Host` headers hold them.

import { isIPv4, isIPv6 } from "node:net";

/**
 * The host that `text` names: an IPv4 address, an IPv6 address with or without brackets, or a name (RFC 1123, 2.1, and the
 * underscore that container networks allow). In lower case, without brackets and the root's dot. Undefined for anything
 * else, such as a port or a scheme besides.
 */
export function parseHost(text: string): string | undefined {
  const host = text.toLowerCase();
  if (isIPv4(host)) return host;
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (isIPv6(bare)) return bare.includes("%") ? undefined : bare;
  const name = host.replace(/\.$/, "");
  return isName(name) ? name : undefined;
}

/** Digits and dots alone would be a broken IPv4 address. */
const isName = (name: string): boolean =>
  name.length <= 253 &&
  name.split(".").every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) &&
  !/^[\d.]+$/.test(name);

/** The host of a `Host` header (RFC 9110, 7.2), which may have a port; undefined when there is none. */
export function hostOfHeader(header: string): string | undefined {
  const [, host] = /^(\[[^\]]+\]|[^:[\]]+)(?::\d{0,5})?$/.exec(header) ?? [];
  return host === undefined ? undefined : parseHost(host);
}

/** As in a URL: an IPv6 address in brackets. */
export const hostInUrl = (host: string): string => (isIPv6(host) ? `[${host}]` : host);

/** `host:port`, as in a URL. */
export const authority = (host: string, port: number): string => `${hostInUrl(host)}:${port}`;

/** Whether only this machine can reach `host`, as {@link parseHost} gives it. */
export const isLoopback = (host: string): boolean =>
  /^(127(\.\d{1,3}){3}|localhost|.*\.localhost|::1|::ffff:127\..*)$/.test(host);

/** The address of a listener on all interfaces, to which nobody can connect as such. */
export const isUnspecified = (host: string): boolean => host === "0.0.0.0" || host === "::";

/**
 * Whether `host` fits `pattern`, as Django's `ALLOWED_HOSTS` has it: `*` is any host, `.shop.example` is that name and
 * every one below it, all else is itself. Both as {@link parseHost} gives them.
 */
export function hostFits(host: string, pattern: string): boolean {
  if (pattern === "*") return true;
  return pattern.startsWith(".") ? `.${host}`.endsWith(pattern) : host === pattern;
}
