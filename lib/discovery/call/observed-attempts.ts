// Each attempt of a call as a measurement and as a span, where these are wanted. Attributes by OpenTelemetry's conventions for HTTP
// clients (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).

import { meter } from "../../observability/meter.ts";
import { activeSpan } from "../../observability/span.ts";
import { spanPath } from "../../observability/span-path.ts";
import { asCall, type Call, type Traffic, traffic } from "../../observability/traffic.ts";
import { AttemptFailed, type CallAttempt } from "../peer/attempt.ts";
import { MISDIRECTED } from "../peer/peer.ts";
import type { ReplyHead, SendAttempt } from "./call.ts";

/** `send` of `http`, which reports how each attempt ended. With a span, the instance is sent that span as the parent of its own. */
export function observedAttempts<Body, Reply extends ReplyHead>(
  http: SendAttempt<Body, Reply>,
): SendAttempt<Body, Reply> {
  return {
    send(attempt) {
      const isMeasured = meter() !== undefined;
      if (isMeasured || activeSpan() !== undefined) return observed(http, attempt, isMeasured);
      const counting = traffic();
      const begun = counting === undefined ? 0 : performance.now();
      const sent = http.send(attempt);
      if (counting !== undefined) count(counting, attempt, begun, sent);
      return sent;
    },
  };
}

/** Counts it at its end. Most attempts are part of no span: it has to be cheap. */
function count(
  counting: Traffic,
  attempt: CallAttempt<unknown>,
  begun: number,
  sent: Promise<ReplyHead>,
): void {
  sent.then(
    ({ status }) => counting.called(callOf(attempt), performance.now() - begun, hasFailed(status)),
    () => counting.called(callOf(attempt), performance.now() - begun, true),
  );
}

const callOf = ({ caller, service }: CallAttempt<unknown>): Call => ({
  from: caller,
  to: service,
  kind: "http",
});

/** Any other status that is no success says that the request was wrong. */
const hasFailed = (status: number): boolean => status >= 500;

function observed<Body, Reply extends ReplyHead>(
  http: SendAttempt<Body, Reply>,
  attempt: CallAttempt<Body>,
  isMeasured: boolean,
): Promise<Reply> {
  return asCall(
    callOf(attempt),
    () => startOf(attempt),
    async (span) => {
      const traceparent = span?.traceparent;
      const sent =
        traceparent === undefined ? attempt : { ...attempt, headers: { ...attempt.headers, traceparent } };
      const reply = await (isMeasured ? measuring(http, sent) : http.send(sent));
      span?.set({ "http.response.status_code": reply.status });
      if (hasFailed(reply.status)) span?.fail(String(reply.status));
      else if (reply.status >= 400) span?.refuse(String(reply.status));
      return reply;
    },
  );
}

function startOf({ service, no, method, origin, path, headers }: CallAttempt<unknown>) {
  const { hostname, port, protocol } = new URL(origin);
  const pathname = path.split("?", 1)[0] ?? "";
  return {
    name: method,
    kind: "client",
    attributes: {
      "http.request.method": method,
      "http.request.resend_count": no > 1 ? no - 1 : undefined,
      "url.full": origin + spanPath(pathname),
      "server.address": hostname,
      "server.port": Number(port) || (protocol === "https:" ? 443 : 80),
      "cfmp.peer.service": service,
      "cfmp.peer.instance": headers["cfmp-target-instance"],
    },
  } as const;
}

async function measuring<Body, Reply extends ReplyHead>(
  http: SendAttempt<Body, Reply>,
  attempt: CallAttempt<Body>,
): Promise<Reply> {
  const begun = performance.now();
  let outcome = "error";
  try {
    const reply = await http.send(attempt);
    outcome = reply.status === MISDIRECTED ? "misdirected" : `${Math.floor(reply.status / 100)}xx`;
    return reply;
  } catch (error) {
    if (error instanceof AttemptFailed) outcome = error.kind;
    throw error;
  } finally {
    const seconds = (performance.now() - begun) / 1_000;
    meter()?.attempt(attempt.service, outcome, attempt.no > 1, seconds);
  }
}
