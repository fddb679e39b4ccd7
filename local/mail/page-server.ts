// Shows the caught mails over HTTP: as a page, and as JSON for tests.

import type { IncomingMessage, ServerResponse } from "node:http";
import { readableJson } from "../../lib/core/text.ts";
import { loopbackNames } from "../shared/listener/hosts.ts";
import { type HttpListener, httpListener } from "../shared/listener/http-server.ts";
import { requestUrl } from "../shared/listener/request-url.ts";
import type { Log } from "../shared/log.ts";
import type { Mailbox } from "./mailbox.ts";
import { listPage, mailPage } from "./page.ts";

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** No request here has a body. */
const MAX_BODY_BYTES = 1_024;

/**
 * `GET /` and `/messages/{id}`: pages. `GET /api/messages` → `{ count, items }`, newest first, without their HTML, with
 * `?message_id=` only the copies of one mail; `GET /api/messages/{id}`; `DELETE /api/messages` empties the mailbox (204).
 * Not yet listening.
 */
export function createPageServer(mailbox: Mailbox, log: Log): HttpListener {
  const rules = { hosts: loopbackNames, origins: [], maxBodyBytes: MAX_BODY_BYTES };
  return httpListener({ reach: "loopback", ...rules }, (request, response) => {
    request.resume();
    answer(mailbox, request)
      .catch((error: Error): Answer => {
        log("error", "the mail page failed", { error: error.stack });
        return problem(500, "The page could not be created; see the log");
      })
      .then((reply) => send(response, reply));
  });
}

async function answer(mailbox: Mailbox, request: IncomingMessage): Promise<Answer> {
  const url = requestUrl(request);
  const path = url.pathname.replace(/(.)\/$/, "$1");
  if (path === "/api/messages" && request.method === "DELETE") {
    await mailbox.clear();
    return { status: 204, type: "application/json", body: "" };
  }
  if (request.method !== "GET" && request.method !== "HEAD") return problem(405, "Only GET is answered here");
  if (path === "/") return html(listPage(mailbox.list()));
  if (path === "/api/messages") {
    const found = mailbox.list(url.searchParams.get("message_id") ?? undefined);
    const items = found.map(({ html: _, ...mail }) => mail);
    return json({ count: items.length, items });
  }
  const [, folder, id = ""] = /^\/(messages|api\/messages)\/([\w-]+)$/.exec(path) ?? [];
  const mail = mailbox.get(id);
  if (mail === undefined) return problem(404, "There is no such mail");
  return folder === "messages" ? html(mailPage(mail)) : json(mail);
}

const html = (body: string): Answer => ({ status: 200, type: "text/html; charset=utf-8", body });
const json = (value: unknown): Answer => ({
  status: 200,
  type: "application/json",
  body: readableJson(value),
});
const problem = (status: number, detail: string): Answer => ({
  status,
  type: "application/problem+json",
  body: JSON.stringify({ status, detail }),
});

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  response.end(body);
}
