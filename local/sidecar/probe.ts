// Probes the health of a service by HTTP, like a caller.

import { request } from "../../lib/core/node-http.ts";
import { type Finding, judgeHealth } from "../../lib/discovery/peer/health-reply.ts";
import type { Watched } from "./messages.ts";

const TIMEOUT_MS = 1_000;
const MAX_REPLY_BYTES = 64 * 1024;

/** One probe of `/health/`; never throws. Uses a new connection each time, since a kept-alive one would hide a closed port. */
export function probe(watched: Watched, timeoutMs = TIMEOUT_MS): Promise<Finding> {
  return new Promise((resolve) => {
    const call = request(
      {
        host: watched.probeHost,
        port: watched.port,
        path: "/health/",
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          accept: "application/json",
          "cfmp-target-service": watched.service,
          "cfmp-target-instance": watched.instance,
        },
      },
      (reply) => {
        let text = "";
        reply.setEncoding("utf8");
        reply.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > MAX_REPLY_BYTES) call.destroy();
        });
        reply.on("end", () => resolve(judgeHealth(watched, { status: reply.statusCode ?? 0, body: text })));
        reply.on("error", (error) => resolve(findingOf(error)));
      },
    );
    call.on("error", (error) => resolve(findingOf(error)));
    call.end();
  });
}

/** What it means that there was no whole reply. */
function findingOf(error: NodeJS.ErrnoException): Finding {
  if (error.code === "ECONNREFUSED") return "refused";
  return error.name === "TimeoutError" || error.name === "AbortError" ? "silent" : "unclear";
}
