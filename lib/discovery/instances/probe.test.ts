import { expect, test } from "@jest/globals";
import { type Attempt, AttemptFailed } from "../peer/attempt.ts";
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

const itself = { service: "S", instance: "old", status: "ok" };

test.each([
  [200, "healthy"],
  [421, "misdirected"],
  [404, "misdirected"],
  [503, "unclear"],
  [undefined, "unclear"],
])("status %s of the instance itself is %s", async (status, finding) => {
  expect(await probeOf(status, itself).probe.find(instance)).toBe(finding);
});

test.each([
  ["another service", { ...itself, service: "T" }],
  ["another instance", { ...itself, instance: "new" }],
  ["a server that does not say who it is", { status: "ok" }],
  ["a server of some other kind", "<html>hello</html>"],
])("a 200 of %s at its address is misdirected", async (_, body) => {
  expect(await probeOf(200, body).probe.find(instance)).toBe("misdirected");
});

test("a static address, which names no instance, is healthy by its status: a gateway may answer there", async () => {
  const { probe, sent } = probeOf(200, { status: "ok" });
  expect(await probe.find({ ...instance, metadata: {} })).toBe("healthy");
  expect(sent[0]?.headers).toEqual({ "cfmp-target-service": "S" });
});

test("an instance that drains says so", async () => {
  const { probe } = probeOf(503, { ...itself, status: "down" });
  expect(await probe.find(instance)).toBe("down");
});

test.each([
  ["unreachable", "refused"],
  ["broken", "unclear"],
] as const)("a connection that is %s is %s", async (kind, finding) => {
  const probe = createProbe({ send: () => Promise.reject(new AttemptFailed(kind, true, "why")) });
  expect(await probe.find(instance)).toBe(finding);
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
