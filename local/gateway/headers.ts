// Headers at the gateway: removes those of one connection, and adds the client's address for the services.
// Sources: RFC 9110 7.6 (connection-specific headers, Via), RFC 7239 (Forwarded).

import type { IncomingHttpHeaders } from "node:http";

export interface Edge {
  /** Address of the client as the connection shows it. */
  readonly address: string;
  readonly protocol: "http" | "https";
}

/** Headers of one connection (RFC 9110, 7.6.1), whether or not `Connection` names them. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-authentication-info",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

/** Headers that frame a message: set for each connection, never copied. */
const FRAMING = ["content-length", "transfer-encoding", "expect"];

/**
 * What a message says to its recipient. `Connection` must not name these (RFC 9110, 7.6.1); a client that does could
 * change what the service takes the request for.
 */
const END_TO_END =
  /^(host|authorization|cookie|uuid|idempotency-key|date|via|forwarded|origin|content-.*|if-.*|x-forwarded-.*|trace.*|access-control-.*|sec-.*|cfmp-.*|wechatpay-.*|etag|location|retry-after|cache-control|vary|set-cookie|www-authenticate|allow)$/;

/** Prefix of headers between services of this system; a client's are removed. */
const OWN_PREFIX = "cfmp-";

const VIA = "1.1 cfmp-order";

/**
 * The headers of a request for a service, without framing. The client's address is appended to those of earlier proxies;
 * protocol and host are those of the first one. `Host` is kept: services check it against `ALLOWED_HOSTS`.
 */
export function requestHeaders(
  given: IncomingHttpHeaders,
  { address, protocol }: Edge,
): Record<string, string> {
  const ended = connectionHeaders(given.connection);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || ended.has(name) || FRAMING.includes(name) || name.startsWith(OWN_PREFIX))
      continue;
    headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  const host = given.host ?? "";
  const proto = headers["x-forwarded-proto"] ?? protocol;
  const element = `for=${node(address)};host=${quoted(host)};proto=${protocol}`;
  headers["x-forwarded-for"] = appended(headers["x-forwarded-for"], address);
  headers["x-forwarded-proto"] = proto;
  headers["x-forwarded-host"] ??= host;
  headers["forwarded"] = appended(headers["forwarded"], element);
  headers["via"] = appended(headers["via"], VIA);
  return headers;
}

/**
 * The headers of a reply as its client must see them, as names and values by turns; repeated ones stay apart. Which pages
 * may read it is for the gateway to say, not for an instance.
 */
export function replyHeaders(raw: readonly string[]): string[] {
  const ended = connectionHeaders(valuesOf(raw, "connection").join(","));
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = "", value = ""] = [raw[index], raw[index + 1]];
    const lower = name.toLowerCase();
    const own = lower.startsWith(OWN_PREFIX) || lower.startsWith("access-control-");
    if (!ended.has(lower) && !own) kept.push(name, value);
  }
  return kept;
}

/** Those that every connection ends, and those that this one named and may. */
function connectionHeaders(connection: string | undefined): ReadonlySet<string> {
  const named = (connection ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && !HOP_BY_HOP.has(name) && !END_TO_END.test(name));
  return named.length === 0 ? HOP_BY_HOP : new Set([...HOP_BY_HOP, ...named]);
}

function valuesOf(raw: readonly string[], wanted: string): string[] {
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === wanted);
}

const appended = (before: string | undefined, value: string): string =>
  before === undefined || before === "" ? value : `${before}, ${value}`;

/** An IPv6 address has to be bracketed and quoted. */
const node = (address: string): string => (address.includes(":") ? `"[${address}]"` : address);

const quoted = (text: string): string =>
  /^[\w.-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
