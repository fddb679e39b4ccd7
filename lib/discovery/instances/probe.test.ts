import { expect, test } from "@jest/globals";
import { type Attempt, AttemptFailed } from "../peer/peer-http.ts";
import { createProbe } from "./probe.ts";

const instance = {
  service: "S",
  host: "127.0.0.1",
  port: 7,
  weight: 1,
  healthy: false,
  enabled: true,
  metadata: { instance: "old", version: "1" },
};

/** A probe of a peer that answers with `status` and `body`, or not at all. */
function probeOf(status?: number, body: unknown = "") {
  const sent: Attempt[] = [];
  const probe = createProbe({
    async send(attempt) {
      sent.push(attempt);
      if (status === undefined) throw new Error("ECONNREFUSED");
      return { status, headers: {}, body: typeof body === "string" ? body : JSON.stringify(body) };
    },
  });
  return { probe, sent };
}

test("it requests the health of the instance it means, under the base path, with a short time limit", async () => {
  const { probe, sent } = probeOf(200);
  await probe.find({ ...instance, url: "https://example.com/prod" });
  expect(sent).toEqual([
    expect.objectContaining({
      origin: "https://example.com",
      path: "/prod/health/",
      headers: { "cfmp-target-service": "S", "cfmp-target-instance": "old" },
      timeout: 500,
    }),
  ]);
});

test.each([
  [200, "alive"],
  [421, "misdirected"],
  [503, "dead"],
  [404, "dead"],
  [undefined, "dead"],
])("status %s is %s", async (status, finding) => {
  expect(await probeOf(status).probe.find(instance)).toBe(finding);
});

test("no answer in time does not prove that the instance is gone", async () => {
  const probe = createProbe({ send: () => Promise.reject(new AttemptFailed("timeout", true, "late")) });
  expect(await probe.find(instance)).toBe("silent");
});

test("a successor is who says that it serves the same service, whatever its name", async () => {
  const { probe, sent } = probeOf(200, { service: "S", instance: "new", status: "degraded" });
  expect(await probe.successor(instance)).toEqual({
    ...instance,
    healthy: true,
    metadata: { instance: "new", version: "1" },
  });
  expect(sent[0]?.headers).toEqual({ "cfmp-target-service": "S" });
});

test.each([
  ["another service", 200, { service: "T", instance: "new" }],
  ["one that drains", 503, { service: "S", instance: "new" }],
  ["one without a name", 200, { service: "S", instance: "" }],
  ["something else altogether", 200, "<html>"],
  ["nobody", undefined, ""],
])("%s is no successor", async (_, status, body) => {
  expect(await probeOf(status, body).probe.successor(instance)).toBeUndefined();
});
