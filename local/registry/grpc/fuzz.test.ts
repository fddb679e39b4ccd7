// Ten thousand damaged calls: none ends the registry or takes its memory, and after them it works as before.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { frame } from "../../../lib/nacos/grpc/frames.ts";
import { BI_STREAM_PATH, REQUEST_PATH } from "../../../lib/nacos/grpc/methods.ts";
import { encodePayload, payload } from "../../../lib/nacos/grpc/payload.ts";
import { EmbeddedRegistry } from "../../../tests/support/embedded-registry.ts";
import { NacosGrpc } from "../../../tests/support/nacos-grpc.ts";
import { seededRandom } from "../../../tools/own-system/random.ts";

const CALLS = 10_000;
const AT_ONCE = 50;
const SEED = 1;
const MEGABYTE = 1024 * 1024;

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await EmbeddedRegistry.startWithGrpc();
});
afterAll(() => registry?.close());

const service = { namespace: "public", groupName: "DEFAULT_GROUP", serviceName: "OrderService" };
const instance = { ip: "127.0.0.1", port: 7001, weight: 1, metadata: { a: "1" } };
const config = { dataId: "a", group: "DEFAULT_GROUP", tenant: "" };
const REQUESTS: readonly (readonly [type: string, body: object])[] = [
  ["ServerCheckRequest", {}],
  ["HealthCheckRequest", {}],
  ["ConnectionSetupRequest", { abilityTable: {}, labels: {} }],
  ["InstanceRequest", { ...service, type: "registerInstance", instance }],
  ["BatchInstanceRequest", { ...service, type: "batchRegisterInstance", instances: [instance] }],
  ["PersistentInstanceRequest", { ...service, type: "deregisterInstance", instance }],
  ["ServiceQueryRequest", { ...service, cluster: "", healthyOnly: false }],
  ["SubscribeServiceRequest", { ...service, subscribe: true, clusters: "" }],
  ["ServiceListRequest", { ...service, pageNo: 1, pageSize: 10 }],
  ["ConfigQueryRequest", config],
  ["ConfigBatchListenRequest", { listen: true, configListenContexts: [{ ...config, md5: "" }] }],
  ["NotifySubscriberResponse", { requestId: "1" }],
];
/** Values that a field of any request may not have, or only in some. */
const ODD = [null, -1, 1e300, "", "\u0000", "@@", [], {}, [null], true, "x".repeat(5_000), { a: null }];

function damaged(random: () => number): Buffer {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const [type, body] = pick(REQUESTS) ?? ["", {}];
  const fields: Record<string, unknown> = { ...body };
  if (random() < 0.5) fields[pick(Object.keys(fields)) ?? "x"] = pick(ODD);
  const headers = new Map([["accessToken", "x".repeat(Math.floor(random() * 50))]]);
  const bytes = frame(encodePayload(payload(type, JSON.stringify(fields), { headers })));
  for (let flips = Math.floor(random() * 4); flips > 0; flips -= 1)
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  return random() < 0.2 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
}

test(`${CALLS} damaged calls do no harm`, async () => {
  const random = seededRandom(SEED);
  let client = new NacosGrpc(registry.grpcPort);
  await client.setUp();
  let before = 0;
  for (let done = 0; done < CALLS; done += AT_ONCE) {
    const paths = Array.from({ length: AT_ONCE }, () => (random() < 0.2 ? BI_STREAM_PATH : REQUEST_PATH));
    const outcomes = await Promise.all(paths.map((path) => client.raw(damaged(random), path)));
    for (const { http, grpc } of outcomes) expect([http, typeof grpc]).toEqual([200, "number"]);
    if (!client.isOpen) {
      client = new NacosGrpc(registry.grpcPort);
      await client.setUp();
    }
    // After the first calls everything is loaded and every table has its entries.
    if (done === 2_000) before = process.memoryUsage().rss;
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * MEGABYTE);
  client.kill();

  const after = new NacosGrpc(registry.grpcPort);
  await after.setUp();
  const request = { ...service, serviceName: "PaymentService", type: "registerInstance", instance };
  expect(await after.request("InstanceRequest", request)).toMatchObject({ body: { success: true } });
  after.kill();
});

test("connections that don't speak HTTP/2 are ended, and harm no other", async () => {
  const { connect } = await import("node:net");
  const random = seededRandom(SEED);
  const client = new NacosGrpc(registry.grpcPort);
  await client.setUp();
  const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  for (let times = 0; times < 300; times += 1) {
    const junk = Buffer.from(
      Array.from({ length: 20 + Math.floor(random() * 200) }, () => Math.floor(random() * 256)),
    );
    const socket = connect(registry.grpcPort, "127.0.0.1");
    socket.on("error", () => {});
    socket.resume();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.end(random() < 0.5 ? junk : Buffer.concat([preface, junk]));
    await closed;
  }
  expect(await client.request("HealthCheckRequest", {})).toMatchObject({ body: { success: true } });
  client.kill();
});
