// The control room's listener, on loopback: its API and its stream of events, the receiver of OTLP/HTTP, and the runtimes' reports.

import { timingSafeEqual } from "node:crypto";
import type { ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { messageOf } from "../../lib/core/failure-text.ts";
import { Problem } from "../../lib/http/problem.ts";
import type { BoundedMessage } from "../shared/listener/bounded-message.ts";
import { loopbackNames } from "../shared/listener/hosts.ts";
import { type HttpListener, httpListener } from "../shared/listener/http-server.ts";
import { keptIdleMs } from "../shared/listener/limits.ts";
import { refuse } from "../shared/listener/refuse.ts";
import { requestUrl } from "../shared/listener/request-url.ts";
import type { Actions } from "./actions.ts";
import { type Answers, answersOf } from "./answers.ts";
import { ROUTES, type Session, TOKEN_HEADER, TOPICS } from "./api.ts";
import type { Collector } from "./collector.ts";
import { decodeLogs, decodeMetrics, decodeSpans } from "./otlp.ts";
import { FOREIGN_POLICY, HTML, PAGE_POLICY, type PageAsset, type PageAssets } from "./page-assets.ts";
import {
  type Command,
  commandsOf,
  type Foreign,
  foreignOf,
  type PanelRoutes,
  patternOf,
  readsOf,
} from "./panel-routes.ts";
import { PLAIN_PATH, plainPage } from "./plain-page.ts";
import { decodeProtobuf, LOGS, TRACES } from "./protobuf.ts";
import { MAX_BODY_BYTES, REPORT_PATH, type ReportReply } from "./report.ts";
import { numeric, oneOf } from "./sql-filter.ts";

export interface ServerParts {
  readonly collector: Collector;
  readonly actions: Actions;
  /** Runtimes prove by it that they may report; only they know it. */
  readonly reportToken: string;
  readonly session: () => Session;
  /** What panels add. */
  readonly panels: readonly PanelRoutes[];
  /** The page's files. */
  readonly page: PageAssets;
  readonly log: (level: "info" | "warn" | "error", message: string, fields?: object) => void;
  /** What has failed that is not the client's failure. */
  readonly failed?: (error: unknown) => void;
}

const unzip = promisify(gunzip);

interface Answered {
  readonly status: number;
  readonly value?: object;
  readonly page?: string;
  readonly asset?: PageAsset;
  readonly foreign?: string;
}

/** Not yet listening. */
export function createServerOf(parts: ServerParts): HttpListener {
  const answers = answersOf(parts.collector, parts.session, readsOf(parts.panels));
  const commands = commandsOf(parts.panels).set(ROUTES.actions, parts.actions);
  const foreign = [...foreignOf(parts.panels)].map(([route, read]) => ({ pattern: patternOf(route), read }));
  return httpListener(
    {
      reach: "loopback",
      hosts: loopbackNames,
      origins: [],
      maxBodyBytes: MAX_BODY_BYTES,
      limits: { idleMs: keptIdleMs() },
    },
    (request, response) => {
      answer({ ...parts, answers, commands, foreign }, request, response).then(
        (answered) => answered && send(response, answered),
        (error: unknown) => {
          const known = error instanceof Problem;
          if (!known) {
            parts.log("error", "the control room failed to answer", { error: messageOf(error) });
            parts.failed?.(error);
          }
          refuse(known ? error : new Problem(500, "internal", "See the helper's log."), request, response);
        },
      );
    },
  );
}

interface Parts extends ServerParts {
  readonly answers: Answers;
  readonly commands: ReadonlyMap<string, Command>;
  readonly foreign: readonly { readonly pattern: RegExp; readonly read: Foreign }[];
}

async function answer(
  parts: Parts,
  request: BoundedMessage,
  response: ServerResponse,
): Promise<Answered | undefined> {
  const { method = "GET" } = request;
  const url = requestUrl(request);
  const path = url.pathname.replace(/(.)\/$/, "$1");
  if (method === "POST") return await take(parts, path, request);
  request.resume();
  if (method !== "GET" && method !== "HEAD") throw notAllowed("GET");
  const asset = await parts.page(path);
  if (asset !== undefined) return { status: 200, asset };
  if (path === PLAIN_PATH) {
    const status = { map: await parts.collector.map(), history: parts.collector.historyView() };
    return { status: 200, page: plainPage(status) };
  }
  if (path === ROUTES.events) {
    // The head of a stream alone would never end.
    if (method === "HEAD") throw notAllowed("GET");
    if (!stream(parts.collector, request, response, url.searchParams))
      throw new Problem(503, "too_many_clients", "Too many pages are open.", {
        headers: { "retry-after": "5" },
      });
    return undefined;
  }
  if (path === ROUTES.actions) throw notAllowed("POST");
  for (const { pattern, read } of parts.foreign) {
    const found = pattern.exec(path);
    if (found !== null) return { status: 200, foreign: await read(found[1] ?? "") };
  }
  return { status: 200, value: await parts.answers(path, url.searchParams) };
}

function stream(
  { live }: Collector,
  { headers }: BoundedMessage,
  response: ServerResponse,
  query: URLSearchParams,
): boolean {
  numeric("since", query.get("since") ?? undefined);
  const given = headers["last-event-id"] ?? query.get("since") ?? "";
  const since = /^\d{1,15}$/.test(String(given)) ? Number(given) : undefined;
  const topics = (query.get("topics") ?? "")
    .split(",")
    .flatMap((topic) => oneOf("topics", topic, TOPICS) ?? []);
  return live.connect(response, topics, since);
}

async function take(parts: Parts, path: string, request: BoundedMessage): Promise<Answered> {
  const { collector } = parts;
  if (path === "/v1/traces") {
    collector.takeSpans(decodeSpans(await otlpOf(request, TRACES)));
    return { status: 200, value: {} };
  }
  if (path === "/v1/logs") {
    collector.takeLogs(decodeLogs(await otlpOf(request, LOGS)));
    return { status: 200, value: {} };
  }
  if (path === "/v1/metrics") {
    collector.takePoints(decodeMetrics(await jsonOf(request)));
    return { status: 200, value: {} };
  }
  if (path === REPORT_PATH) {
    const [, token = ""] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (!same(token, parts.reportToken))
      throw new Problem(401, "token_invalid", "Only runtimes report here.");
    if (!collector.takeReport(await bodyOf(request))) throw malformed();
    const reply: ReportReply = { watched: collector.isWatched() };
    return { status: 200, value: reply };
  }
  const command = parts.commands.get(path);
  if (command !== undefined) {
    if (!same(String(request.headers[TOKEN_HEADER] ?? ""), parts.session().token))
      throw new Problem(403, "token_invalid", `Read the token at ${ROUTES.session} again.`);
    return { status: 200, value: await command(await jsonOf(request)) };
  }
  throw new Problem(404, "route_unknown", `Nothing takes a POST at ${path}.`);
}

function same(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** A request of OTLP, in either encoding. The empty JSON that answers it is as good as the empty message. */
async function otlpOf(request: BoundedMessage, message: typeof TRACES): Promise<unknown> {
  if (!/^application\/x-protobuf\b/i.test(request.headers["content-type"] ?? ""))
    return await jsonOf(request);
  const body = await bodyOf(request);
  try {
    return decodeProtobuf(body, message);
  } catch {
    throw malformed();
  }
}

async function jsonOf(request: BoundedMessage): Promise<unknown> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json\b/i.test(type))
    throw new Problem(415, "media_type_unsupported", "Send JSON (OTEL_EXPORTER_OTLP_PROTOCOL=http/json).");
  const body = await bodyOf(request);
  try {
    return JSON.parse(body.toString());
  } catch {
    throw malformed();
  }
}

async function bodyOf(request: BoundedMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  request.once("error", reject);
  request.once("close", () => reject(malformed()));
  request.gather(resolve);
  const body = await promise;
  const coding = (request.headers["content-encoding"] ?? "identity").toLowerCase();
  if (coding === "identity") return body;
  if (coding !== "gzip")
    throw new Problem(415, "content_coding_unknown", "The only content coding taken is gzip.");
  return unzip(body, { maxOutputLength: MAX_BODY_BYTES }).catch(() => {
    throw malformed();
  });
}

const malformed = (): Problem => new Problem(400, "malformed", "The body could not be read.");
const notAllowed = (allow: string): Problem =>
  new Problem(405, "method_not_allowed", `This path takes ${allow}.`, { headers: { allow } });

function send(response: ServerResponse, { status, value, page, asset, foreign }: Answered): void {
  const html = page ?? foreign;
  const body = asset?.body ?? html ?? (value === undefined ? "" : JSON.stringify(value));
  const type = asset?.type ?? (html === undefined ? "application/json" : HTML);
  const policy = foreign === undefined ? "default-src 'none'" : FOREIGN_POLICY;
  response.writeHead(status, {
    // A reply without content has no length (RFC 9110, 8.6).
    ...(body === "" ? {} : { "content-type": type, "content-length": Buffer.byteLength(body) }),
    "content-security-policy": asset === undefined ? policy : PAGE_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  response.end(body);
}
