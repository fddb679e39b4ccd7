// Decides whether a listener may answer a request at all, before anything else reads it.

import type { IncomingHttpHeaders } from "node:http";
import { Problem } from "../../../lib/http/problem.ts";
import type { HostRule } from "./hosts.ts";

/** The head of a request. */
export interface RequestHead {
  readonly method: string;
  /** As it was sent. */
  readonly url: string;
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values by turns, as they were sent. */
  readonly rawHeaders: readonly string[];
}

export interface AdmissionRules {
  readonly hosts: HostRule;
  /** Origins whose pages may use this listener in addition to its own pages; in the form that browsers send. */
  readonly origins: readonly string[];
  readonly maxBodyBytes: number;
}

/** Headers that may occur only once: with two it would be ambiguous which one counts. Node takes the first without an error. */
const SINGLE = [
  "host",
  "authorization",
  "content-type",
  "content-length",
  "origin",
  "idempotency-key",
  "uuid",
];

/** RFC 3986, 3.2.2 and 3.2.3. */
const HOST = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d{0,5})?$/i;

const CLOSE = { headers: { connection: "close" } };

/**
 * Checks a request by `rules`. Returns the origin-form of its target (`/path?query`).
 * @throws {Problem} 400, 403, 413, 421 or 501.
 */
export function admit(head: RequestHead, rules: AdmissionRules): string {
  requireSingleHeaders(head);
  requireKnownFraming(head);
  requireReadableHost(head.headers);
  const target = originForm(head);
  rules.hosts(head.headers);
  requireWelcomePage(head, rules.origins);
  requireSize(head.headers, rules.maxBodyBytes);
  return target;
}

function requireSingleHeaders({ headers, rawHeaders }: RequestHead): void {
  // As many different names as lines: no header is repeated.
  if (Object.keys(headers).length * 2 === rawHeaders.length) return;
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? "";
    if (!SINGLE.includes(name)) continue;
    if (seen.has(name)) throw new Problem(400, "header_repeated", `There may be one ${name} only.`, CLOSE);
    seen.add(name);
  }
}

/** RFC 9112, 6.1: an unknown transfer coding can't be framed, and HTTP/1.0 has none. */
function requireKnownFraming({ headers, httpVersion }: RequestHead): void {
  const coding = headers["transfer-encoding"];
  if (coding === undefined) return;
  if (httpVersion !== "1.1" || headers["content-length"] !== undefined) {
    throw new Problem(400, "framing_ambiguous", "The length of the body is not clear.", CLOSE);
  }
  if (coding.toLowerCase() !== "chunked") {
    throw new Problem(501, "transfer_coding_unknown", "The only transfer coding taken is chunked.", CLOSE);
  }
}

/** RFC 9112, 3.2: refuses an invalid `Host`. That HTTP/1.1 has one at all is checked by Node. */
function requireReadableHost({ host }: IncomingHttpHeaders): void {
  if (host === undefined || HOST.test(host)) return;
  throw new Problem(400, "host_malformed", "The Host header could not be read.", CLOSE);
}

/** RFC 9112, 3.2: the absolute form has to be accepted as well, and must name the same host as `Host`. */
function originForm({ method, url, headers }: RequestHead): string {
  if (url.startsWith("/")) return url;
  if (url === "*" && method === "OPTIONS") return url;
  const absolute = /^https?:\/\//i.test(url) ? URL.parse(url) : null;
  const host = URL.parse(`${absolute?.protocol}//${headers.host ?? ""}`)?.host;
  if (absolute === null || absolute.username !== "" || absolute.password !== "" || absolute.host !== host) {
    throw new Problem(400, "target_malformed", "The request's target could not be read.", CLOSE);
  }
  return absolute.pathname + absolute.search;
}

/**
 * Refuses requests of pages from other origins: otherwise any page could use the listeners on its reader's machine. Following
 * a link from another origin is allowed. Browsers set both headers; pages can't change them.
 * Sources: Fetch Metadata Request Headers (W3C), "Resource Isolation Policy" (web.dev), RFC 6454.
 */
function requireWelcomePage({ method, headers }: RequestHead, origins: readonly string[]): void {
  const { origin } = headers;
  const site = headers["sec-fetch-site"];
  if (origin !== undefined && origins.includes(origin)) return;
  const own = site === undefined || site === "same-origin" || site === "none";
  if (
    origin === undefined ? own || isFollowedLink(method, headers) : own && isOwnOrigin(origin, site, headers)
  ) {
    return;
  }
  throw new Problem(403, "origin_not_allowed", "Pages of this origin are not allowed; see CORS_ORIGINS.");
}

const isFollowedLink = (method: string, headers: IncomingHttpHeaders): boolean =>
  (method === "GET" || method === "HEAD") &&
  headers["sec-fetch-mode"] === "navigate" &&
  headers["sec-fetch-dest"] === "document";

/** Browsers send `null` as the origin of some requests; then `Sec-Fetch-Site` has to say that it is the same one. */
function isOwnOrigin(origin: string, site: unknown, { host = "" }: IncomingHttpHeaders): boolean {
  if (origin === "null") return site === "same-origin";
  const from = /^https?:\/\/[^/?#]+$/.test(origin) ? URL.parse(origin) : null;
  return from !== null && from.host === URL.parse(`${from.protocol}//${host}`)?.host;
}

function requireSize(headers: IncomingHttpHeaders, maxBodyBytes: number): void {
  if (Number(headers["content-length"] ?? 0) > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
}

/** 413; the rest of the body is not read, so the connection is closed. */
export const bodyTooLarge = (maxBodyBytes: number): Problem =>
  new Problem(413, "body_too_large", `The body may have ${maxBodyBytes} bytes at most.`, CLOSE);
