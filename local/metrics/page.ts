// The page that Prometheus reads: GET /metrics, on a port of its own.

import type { ServerResponse } from "node:http";
import { Problem } from "../../lib/http/problem.ts";
import type { HostRule } from "../shared/listener/hosts.ts";
import { type HttpListener, httpListener } from "../shared/listener/http-server.ts";
import type { Reach } from "../shared/listener/listen.ts";
import { refuse } from "../shared/listener/refuse.ts";
import type { Log } from "../shared/log.ts";

/** No request here has a body. */
const MAX_BODY_BYTES = 1_024;

export interface MetricsPage {
  readonly reach: Reach;
  readonly hosts: HostRule;
  readonly contentType: string;
  /** The metrics as text. Requests that come while it works share its result. */
  readonly text: () => Promise<string>;
  readonly log: Log;
}

/** Answers `GET /metrics`, and 404 or 405 to all else. Not yet listening. */
export function createMetricsPage({ reach, hosts, contentType, text, log }: MetricsPage): HttpListener {
  let running: Promise<string> | undefined;
  const shared = () => {
    running ??= text().finally(() => {
      running = undefined;
    });
    return running;
  };
  const rules = { reach, hosts, origins: [], maxBodyBytes: MAX_BODY_BYTES };
  return httpListener(rules, (request, response) => {
    request.resume();
    const { method = "GET", url = "/" } = request;
    if (!/^\/metrics\/?(\?|$)/.test(url)) {
      refuse(new Problem(404, "route_unknown", "Metrics are at /metrics."), request, response);
    } else if (method !== "GET" && method !== "HEAD") {
      const allow = { headers: { allow: "GET" } };
      refuse(new Problem(405, "method_not_allowed", "This path takes GET.", allow), request, response);
    } else {
      shared().then(
        (body) => send(response, contentType, body),
        (error: Error) => {
          log("error", "the metrics could not be read", { error: error.stack });
          refuse(new Problem(500, "internal", "The metrics could not be read."), request, response);
        },
      );
    }
  });
}

function send(response: ServerResponse, contentType: string, body: string): void {
  response.writeHead(200, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  // Node sends no body to HEAD.
  response.end(body);
}
