// How long the calls of a client may last. Its seconds are counted by ticks, so the tests need not wait for them.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { frame } from "../../../lib/nacos/grpc/frames.ts";
import { BI_STREAM_PATH, REQUEST_PATH } from "../../../lib/nacos/grpc/methods.ts";
import { encodePayload, payload } from "../../../lib/nacos/grpc/payload.ts";
import { GRPC_STATUS } from "../../../lib/nacos/grpc/status.ts";
import { portOf } from "../../../tests/support/free-ports.ts";
import { NacosGrpc } from "../../../tests/support/nacos-grpc.ts";
import { eventually } from "../../../tests/support/poll.ts";
import { GrpcClient } from "./client.ts";
import { GrpcServices } from "./grpc-services.ts";
import { testParts } from "./test-parts.ts";
import { tallyOfAll } from "./traffic.ts";

const server = createServer();
let folder: string;
let nacos: NacosGrpc;
let served: GrpcClient | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-registry-"));
  const services = new GrpcServices(await testParts(folder), "127.0.0.1");
  server.removeAllListeners("session");
  server.on("session", (session) => {
    served = new GrpcClient(session, { ip: "127.0.0.1", port: 1 }, services, tallyOfAll());
  });
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  nacos = new NacosGrpc(portOf(server));
});
afterEach(() => {
  nacos.kill();
  server.close();
  rmSync(folder, { recursive: true });
});

/** Ticks for `seconds`, in which the client answers pings. */
function pass(seconds: number): void {
  for (let second = 0; second < seconds; second += 1) served?.tick();
}

const CHECK = frame(encodePayload(payload("ServerCheckRequest", "{}")));
const SETUP = frame(encodePayload(payload("ConnectionSetupRequest", "{}")));

test.each([
  ["of which nothing arrives", REQUEST_PATH, Buffer.alloc(0)],
  ["whose request is whole", REQUEST_PATH, CHECK],
  ["that sets up nothing", BI_STREAM_PATH, CHECK],
])("a call %s, and that the client does not end, is ended after 30 seconds", async (_, path, bytes) => {
  await nacos.setUp();
  const stream = nacos.stream(path);
  const statuses: unknown[] = [];
  let closed = false;
  stream.on("response", (headers) => statuses.push(headers["grpc-status"]));
  stream.on("trailers", (headers) => statuses.push(headers["grpc-status"]));
  stream.once("close", () => {
    closed = true;
  });
  stream.resume();
  stream.write(bytes);
  // It has arrived when what was sent after it is answered.
  await nacos.request("HealthCheckRequest", {});
  for (let second = 0; second < 29; second += 1) {
    pass(1);
    if (second % 10 === 0) await nacos.request("HealthCheckRequest", {});
  }
  await nacos.request("HealthCheckRequest", {});
  expect([statuses, closed]).toEqual([[], false]);
  pass(1);
  await eventually(() => expect(statuses).toContain(String(GRPC_STATUS.DEADLINE_EXCEEDED)));
  await eventually(() => expect(closed).toBe(true));
  expect(await nacos.request("HealthCheckRequest", {})).toMatchObject({ body: { success: true } });
});

test("a refused call that the client does not end is cut off after 35 seconds", async () => {
  await nacos.setUp();
  const stream = nacos.stream(REQUEST_PATH, { "content-type": "text/plain" });
  let closed = false;
  stream.once("close", () => {
    closed = true;
  });
  stream.resume();
  await new Promise((resolve) => stream.once("response", resolve));
  for (let times = 0; times < 4; times += 1) {
    pass(9);
    await nacos.request("HealthCheckRequest", {});
  }
  await eventually(() => expect(closed).toBe(true));
});

test("the stream by which a client is registered lasts", async () => {
  const stream = nacos.stream(BI_STREAM_PATH);
  stream.write(SETUP);
  await eventually(async () =>
    expect((await nacos.request("HealthCheckRequest", {})).type).toBe("HealthCheckResponse"),
  );
  for (let times = 0; times < 10; times += 1) {
    pass(9);
    await nacos.request("HealthCheckRequest", {});
  }
  expect(stream.closed).toBe(false);
});
