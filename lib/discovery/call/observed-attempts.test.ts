import { afterEach, expect, test } from "@jest/globals";
import { type Meter, setMeter } from "../../observability/meter.ts";
import { AttemptFailed, type CallAttempt } from "../peer/attempt.ts";
import type { PeerReply } from "../peer/peer.ts";
import { observedAttempts } from "./observed-attempts.ts";

afterEach(() => setMeter(undefined));

const attempt = (no: number): CallAttempt => ({
  service: "PaymentService",
  no,
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
  const meter: Meter = {
    request() {},
    attempt: (service, outcome, retry, seconds) => seen.push([service, outcome, retry, seconds >= 0]),
    retryRefused() {},
    ejected() {},
    delivery() {},
    storage() {},
  };
  setMeter(meter);
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
