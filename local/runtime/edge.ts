// Requests that never reach a handler (a body too large for the gateway, a broken header) get problem replies as well.

import type { HapiRequest, HapiServer } from "serverless-offline";
import { Problem, problemJson } from "../../lib/http/problem.ts";
import { continueTrace } from "../../lib/observability/trace.ts";

/** Replaces the listener's own error pages by problem documents. */
export function answerWithProblems(server: HapiServer): void {
  server.ext("onPreResponse", (request, h) => {
    const problem = problemOf(request);
    if (!problem) return h.continue;
    const { traceId, traceparent } = continueTrace(request.headers["traceparent"]);
    return h
      .response(problemJson(problem, traceId))
      .code(problem.status)
      .type("application/problem+json")
      .header("traceparent", traceparent);
  });
}

function problemOf({ response }: HapiRequest): Problem | undefined {
  if (response.isBoom !== true) return undefined;
  const status = response.output?.statusCode ?? 500;
  if (status === 413) return new Problem(413, "body_too_large", "The body is larger than the gateway takes.");
  if (status < 500) return new Problem(status, "bad_request", "The request could not be read.");
  return new Problem(500, "internal", "The request failed; it may have had an effect.");
}
