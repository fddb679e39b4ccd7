// Probes the health of a service by HTTP, like a caller.

import { request } from "../../lib/core/node-http.ts";
import { parseJsonObject } from "../../lib/core/tried.ts";
import { MISDIRECTED } from "../../lib/discovery/peer/peer.ts";
import type { Finding } from "./health-machine.ts";
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
        reply.on("end", () => resolve(judgeReply(watched, reply.statusCode ?? 0, text)));
        reply.on("error", () => resolve("unclear"));
      },
    );
    call.on("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "ECONNREFUSED" ? "refused" : "unclear");
    });
    call.end();
  });
}

function judgeReply(watched: Watched, status: number, text: string): Finding {
  if (status === MISDIRECTED || status === 404) return "misdirected";
  const health = parseJsonObject(text);
  // A problem reply has no identity; it may be the service's own.
  if (health?.["service"] === undefined || health["instance"] === undefined) return "unclear";
  if (health["service"] !== watched.service || health["instance"] !== watched.instance) return "misdirected";
  if (status === 200) return "healthy";
  return status === 503 && health["status"] === "down" ? "down" : "unclear";
}
