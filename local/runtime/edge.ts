// Requests that never reach a handler (a body too large for the gateway, a broken header) get problem replies as well.

import type { HapiRequest, HapiServer } from "serverless-offline";
import { Problem } from "../../lib/http/problem.ts";
import { failure } from "../host/invoke.ts";
import { refusal } from "../shared/listener/refuse.ts";
import { unreadable } from "../shared/listener/unreadable.ts";

/** Replaces the listener's own error pages by problem documents. */
export function answerWithProblems(server: HapiServer): void {
  server.ext("onPreResponse", (request, h) => {
    const problem = problemOf(request);
    if (!problem) return h.continue;
    const { status, headers, body } = refusal(problem, request.headers);
    const reply = h.response(body).code(status);
    for (const [name, value] of Object.entries(headers)) reply.header(name, value);
    return reply;
  });
}

function problemOf({ response }: HapiRequest): Problem | undefined {
  if (response.isBoom !== true) return undefined;
  const status = response.output?.statusCode ?? 500;
  if (status === 413) return new Problem(413, "body_too_large", "The body is larger than the gateway takes.");
  if (status < 500) return unreadable(status);
  return failure();
}
