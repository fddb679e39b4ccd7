// The address of a Nacos server, and whether it is reached over TLS.

import { hostInUrl, parseHost } from "../core/host.ts";

export interface NacosAddress {
  /** Whether every exchange uses TLS, with the server's certificate checked. */
  readonly secure: boolean;
  /** A name or an IP address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** `host:port`, IPv6 in brackets. */
  readonly authority: string;
  /** `https://host:port` over TLS, `host:port` without: the form in which settings, logs and folders name the server. */
  readonly text: string;
}

const NACOS_PORT = 8848;
const HTTPS_PORT = 443;

/**
 * Parses `host` or `host:port`, with or without `http://` or `https://` in front. The default port is 8848, and 443 with
 * `https://`, where a TLS proxy listens. Undefined for anything else: a path, several servers, a user name, a port out of range.
 */
export function parseNacosAddress(server: string): NacosAddress | undefined {
  const [, scheme, name = "", digits] =
    /^(https?:\/\/)?(\[[^\]]*\]|[^[\]:]*)(?::(\d{1,5}))?$/i.exec(server) ?? [];
  const secure = scheme?.toLowerCase() === "https://";
  const host = parseHost(name);
  const port = digits === undefined ? (secure ? HTTPS_PORT : NACOS_PORT) : Number(digits);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  const authority = `${hostInUrl(host)}:${port}`;
  return { secure, host, port, authority, text: secure ? `https://${authority}` : authority };
}

/** {@link parseNacosAddress} for checked settings. @throws {TypeError} when `server` is not an address. */
export function nacosAddress(server: string): NacosAddress {
  const address = parseNacosAddress(server);
  if (address === undefined) throw new TypeError(`"${server}" is not the address of a Nacos server`);
  return address;
}
