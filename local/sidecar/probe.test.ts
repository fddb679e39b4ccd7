import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Watched } from "./messages.ts";
import { probe } from "./probe.ts";

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** A listener that answers with `status` and `body`; `never` takes the request and says nothing. */
async function listener(status: number | "never", body: unknown = ""): Promise<Watched> {
  const listening = createServer((_request, response) => {
    if (status !== "never")
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    service: "OrderService",
    probeHost: "127.0.0.1",
    host: "127.0.0.1",
    port,
    instance: "one",
    metadata: {},
  };
}

const self = { service: "OrderService", instance: "one", status: "ok" };

describe("a probe", () => {
  test("finds the service and instance that it names", async () => {
    expect(await probe(await listener(200, self))).toBe("healthy");
  });

  test("finds a degraded service healthy: the fault is not its own", async () => {
    expect(await probe(await listener(200, { ...self, status: "degraded" }))).toBe("healthy");
  });

  test("finds a service down when it says so", async () => {
    expect(await probe(await listener(503, { ...self, status: "down" }))).toBe("down");
  });

  test.each([
    ["another service", 200, { ...self, service: "PaymentService" }],
    ["another instance", 200, { ...self, instance: "two" }],
    ["one that says it is not meant", 421, { code: "misdirected" }],
    ["a server of some other kind", 404, "nothing here"],
    ["a server that answers everything", 200, "hello"],
  ])("finds a misdirected probe in %s", async (_, status, body) => {
    expect(await probe(await listener(status, body))).toBe("misdirected");
  });

  test.each([
    ["an error", 500, { status: "down" }],
    ["an error that is no JSON", 502, "hello"],
  ])("is unclear about %s", async (_, status, body) => {
    expect(await probe(await listener(status, body))).toBe("unclear");
  });

  test("finds a service silent that does not answer in time", async () => {
    expect(await probe(await listener("never"), 50)).toBe("silent");
  });

  test("finds a closed port refused", async () => {
    const gone = await listener(200, self);
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    expect(await probe(gone)).toBe("refused");
  });
});
