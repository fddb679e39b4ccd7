import { afterEach, describe, expect, test } from "@jest/globals";
import { setMeter } from "../../observability/meter.ts";
import { inSpan } from "../../observability/span.ts";
import { silentMeter } from "../../observability/test-meter.ts";
import { forgetSpans, recordSpans, testSpan } from "../../observability/test-spans.ts";
import { AttemptFailed, type CallAttempt } from "../peer/attempt.ts";
import type { PeerReply } from "../peer/peer.ts";
import { observedAttempts } from "./observed-attempts.ts";

afterEach(() => setMeter(undefined));

const attempt = (no: number): CallAttempt => ({
  caller: "OrderService",
  service: "PaymentService",
  no,
  retryable: true,
  origin: "http://127.0.0.1:1",
  path: "/",
  method: "GET",
  headers: {},
  body: undefined,
  timeout: 1,
  signal: undefined,
});
const answering = (status: number) => ({
  send: async (): Promise<PeerReply> => ({ status, headers: {}, body: "" }),
});
const failing = (error: Error) => ({ send: () => Promise.reject<PeerReply>(error) });

/** A meter that lists the attempts. */
function listing(): unknown[][] {
  const seen: unknown[][] = [];
  setMeter({
    ...silentMeter,
    attempt: (service, outcome, retry, seconds) => seen.push([service, outcome, retry, seconds >= 0]),
  });
  return seen;
}

test.each([
  ["2xx", answering(201)],
  ["4xx", answering(409)],
  ["misdirected", answering(421)],
  ["5xx", answering(503)],
  ["timeout", failing(new AttemptFailed("timeout", true, "late"))],
  ["unreachable", failing(new AttemptFailed("unreachable", false, "refused"))],
  ["error", failing(new Error("a bug"))],
])("an attempt ends as %s", async (outcome, http) => {
  const seen = listing();
  await observedAttempts(http)
    .send(attempt(2))
    .catch(() => {});
  expect(seen).toEqual([["PaymentService", outcome, true, true]]);
});

test("only an attempt after the first is a retry", async () => {
  const seen = listing();
  await observedAttempts(answering(200)).send(attempt(1));
  expect(seen).toEqual([["PaymentService", "2xx", false, true]]);
});

test("replies and failures pass as they are, measured or not", async () => {
  const failure = new AttemptFailed("broken", true, "reset");
  for (const begin of [() => {}, listing]) {
    begin();
    await expect(observedAttempts(failing(failure)).send(attempt(1))).rejects.toBe(failure);
    expect((await observedAttempts(answering(204)).send(attempt(1))).status).toBe(204);
  }
});

describe("an attempt within a span", () => {
  afterEach(forgetSpans);

  /** Makes an attempt within a span, and returns what was sent and recorded. */
  async function within(http: { send(sent: CallAttempt): Promise<PeerReply> }, given: CallAttempt) {
    const spans = recordSpans();
    const sent: CallAttempt[] = [];
    const outer = testSpan({ service: "OrderService", name: "outer", kind: "server" });
    const keeping = {
      send(one: CallAttempt) {
        sent.push(one);
        return http.send(one);
      },
    };
    await inSpan(outer, () => observedAttempts(keeping).send(given)).catch(() => {});
    return { outer, sent: sent[0], span: spans[0] };
  }

  test("is a span below it, which the instance is sent as its parent", async () => {
    const { outer, sent, span } = await within(answering(200), {
      ...attempt(2),
      path: "/x/?cursor=secret",
      headers: { traceparent: "of the caller", "cfmp-target-instance": "i1" },
    });
    expect(span).toMatchObject({
      service: "OrderService",
      name: "GET",
      kind: "client",
      parentSpanId: outer?.traceparent.slice(36, 52),
      failed: false,
      attributes: {
        "http.request.method": "GET",
        "http.request.resend_count": 1,
        "http.response.status_code": 200,
        "url.full": "http://127.0.0.1:1/x/",
        "server.address": "127.0.0.1",
        "server.port": 1,
        "cfmp.peer.service": "PaymentService",
        "cfmp.peer.instance": "i1",
      },
    });
    expect(sent?.headers["traceparent"]?.slice(36, 52)).toBe(span?.spanId);
    expect(sent?.headers["cfmp-target-instance"]).toBe("i1");
  });

  test.each([
    ["503", answering(503)],
    ["attempt_failed", failing(new AttemptFailed("timeout", true, "late"))],
  ])("that fails says %s", async (type, http) => {
    const { span } = await within(http, attempt(1));
    expect(span).toMatchObject({ failed: true, attributes: { "error.type": type } });
  });
});

test("outside of spans nothing changes about what is sent", async () => {
  recordSpans();
  const given = attempt(1);
  await observedAttempts({
    send: async (sent) => {
      expect(sent).toBe(given);
      return { status: 200, headers: {}, body: "" };
    },
  }).send(given);
  forgetSpans();
});
