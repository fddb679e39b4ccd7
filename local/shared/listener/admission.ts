// May this request be answered here at all? Asked before anything else reads it.

import type { IncomingHttpHeaders } from "node:http";
import { Problem } from "../../../lib/http/problem.ts";
import type { HostRule } from "./hosts.ts";

/** What is looked at of a request: its head. */
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
  /** Origins whose pages may use this listener, besides its own pages; as browsers write them. */
  readonly origins: readonly string[];
  readonly maxBodyBytes: number;
}

/** Of these a second one would leave open which of them counts; Node silently takes the first. */
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
 * The origin-form of the request's target (`/path?query`), once all of `rules` are kept.
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

/** RFC 9112, 6.1: what is not understood can't be framed, and HTTP/1.0 knows no transfer codings. */
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

/** RFC 9112, 3.2: a `Host` that is no host is refused. That HTTP/1.1 has one at all, Node sees to. */
function requireReadableHost({ host }: IncomingHttpHeaders): void {
  if (host === undefined || HOST.test(host)) return;
  throw new Problem(400, "host_malformed", "The Host header could not be read.", CLOSE);
}

/** RFC 9112, 3.2: the absolute form has to be taken as well, and must not name another host than `Host`. */
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
 * Pages of other origins are refused, whatever they ask for: without this a page anywhere could use what listens on the
 * machine of whoever looks at it. A link from elsewhere may be followed. Browsers set both headers, and pages can't.
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
  throw new Problem(403, "origin_not_allowed", "Pages of this origin may not ask here; see CORS_ORIGINS.");
}

const isFollowedLink = (method: string, headers: IncomingHttpHeaders): boolean =>
  (method === "GET" || method === "HEAD") &&
  headers["sec-fetch-mode"] === "navigate" &&
  headers["sec-fetch-dest"] === "document";

/** Browsers hide the origin of some requests as `null`; then the other header has to say that it is this one. */
function isOwnOrigin(origin: string, site: unknown, { host = "" }: IncomingHttpHeaders): boolean {
  if (origin === "null") return site === "same-origin";
  const from = /^https?:\/\/[^/?#]+$/.test(origin) ? URL.parse(origin) : null;
  return from !== null && from.host === URL.parse(`${from.protocol}//${host}`)?.host;
}

function requireSize(headers: IncomingHttpHeaders, maxBodyBytes: number): void {
  if (Number(headers["content-length"] ?? 0) > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
}

/** 413; the rest of the body is not worth reading, so the connection ends. */
export const bodyTooLarge = (maxBodyBytes: number): Problem =>
  new Problem(413, "body_too_large", `The body may have ${maxBodyBytes} bytes at most.`, CLOSE);
