// Names and addresses of hosts, as settings and `Host` headers hold them.

import { isIPv4, isIPv6 } from "node:net";

/**
 * The host that `text` names: an IPv4 address, an IPv6 address with or without brackets, or a name (RFC 1123, 2.1, and the
 * underscore that container networks allow). In lower case, without brackets and without the trailing dot of the root.
 * Undefined for anything else, such as a text with a port or a scheme.
 */
export function parseHost(text: string): string | undefined {
  const host = text.toLowerCase();
  if (isIPv4(host)) return host;
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (isIPv6(bare)) return bare.includes("%") ? undefined : canonical(bare);
  const name = host.replace(/\.$/, "");
  return isName(name) ? name : undefined;
}

/** An IPv6 address has many spellings (RFC 5952): `0:0:0:0:0:0:0:1` is `::1`. */
const canonical = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);

/** Digits and dots alone would be a broken IPv4 address. */
const isName = (name: string): boolean =>
  name.length <= 253 &&
  name.split(".").every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) &&
  !/^[\d.]+$/.test(name);

/** The last header, and its host: clients of one process use few. */
let last: { readonly header: string; readonly host: string | undefined } = { header: "", host: undefined };

/** The host of a `Host` header (RFC 9110, 7.2), without its port; undefined when the header names none. */
export function hostOfHeader(header: string): string | undefined {
  if (header === last.header) return last.host;
  const [, name] = /^(\[[^\]]+\]|[^:[\]]+)(?::\d{0,5})?$/.exec(header) ?? [];
  const host = name === undefined ? undefined : parseHost(name);
  last = { header, host };
  return host;
}

/** As in a URL: an IPv6 address in brackets. */
export const hostInUrl = (host: string): string => (host.includes(":") && isIPv6(host) ? `[${host}]` : host);

/** `host:port`, as in a URL. */
export const authority = (host: string, port: number): string => `${hostInUrl(host)}:${port}`;

/** Whether only this machine can reach `host`, as {@link parseHost} gives it. */
export const isLoopback = (host: string): boolean =>
  /^(127(\.\d{1,3}){3}|localhost|.*\.localhost|::1|::ffff:(127\..*|7f[\da-f]{2}:[\da-f]{1,4}))$/.test(host);

/** Whether `host` is the address of a listener on all interfaces. It is no address to connect to. */
export const isUnspecified = (host: string): boolean => host === "0.0.0.0" || host === "::";

/**
 * Whether `host` matches `pattern`, by the rules of Django's `ALLOWED_HOSTS`: `*` matches any host, `.shop.example` that
 * name and all its subdomains, anything else only itself. Both in the form that {@link parseHost} returns.
 */
export function hostFits(host: string, pattern: string): boolean {
  if (pattern === "*") return true;
  return pattern.startsWith(".") ? `.${host}`.endsWith(pattern) : host === pattern;
}
