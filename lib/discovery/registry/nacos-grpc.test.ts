import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { eventually } from "../../../tests/support/poll.ts";
import { type Script, ScriptedNacos, succeeded, willing } from "../../../tests/support/scripted-nacos.ts";
import { silentLog as log } from "../../../tests/support/silent-log.ts";
import { GrpcClient } from "../../nacos/grpc-client.ts";
import { NacosTransport } from "../../nacos/transport.ts";
import { NacosGrpc } from "./nacos-grpc.ts";
import type { Instance, Registration } from "./registry.ts";

const scope = { namespace: "public", group: "G", cluster: "DEFAULT" };
const order = (port: number): Registration => ({
  service: "OrderService",
  host: "127.0.0.1",
  port,
  weight: 1,
  metadata: { instance: `at ${port}` },
});

let server: ScriptedNacos;
let client: GrpcClient;
let naming: NacosGrpc;

beforeEach(async () => {
  server = await ScriptedNacos.start();
  const transport = new NacosTransport({ server: server.address, log });
  client = new GrpcClient({ transport, namespace: "public", module: "naming", log });
  naming = new NacosGrpc(scope, client);
});
afterEach(async () => {
  await naming.close();
  await server.close();
});

/** What was sent about instances: the action, and the ports. */
const writes = () =>
  server.received
    .filter(({ type }) => type === "InstanceRequest" || type === "BatchInstanceRequest")
    .map(({ fields: { type, instance, instances } }) => {
      const named: { port: number }[] = Array.isArray(instances) ? instances : [Object(instance)];
      return `${type} ${named.map(({ port }) => port).join(",")}`;
    });
/** Does not answer the next `count` requests about instances. */
const silentFor = (count: number): Script => {
  let left = count;
  return (request) => {
    if (request.type !== "InstanceRequest" || left === 0) return willing(request);
    left -= 1;
    return undefined;
  };
};
const listOf = (ports: readonly number[], lastRefTime: number, more: object = {}) => ({
  name: "OrderService",
  groupName: "G",
  clusters: "DEFAULT",
  lastRefTime,
  hosts: ports.map((port) => ({
    ip: "127.0.0.1",
    port,
    weight: 1,
    healthy: true,
    enabled: true,
    clusterName: "DEFAULT",
    metadata: {},
  })),
  ...more,
});

describe("what is registered", () => {
  test("is sent once: the connection is the heartbeat", async () => {
    await naming.register(order(1));
    await naming.beat(order(1));
    await naming.beat(order(1));
    expect(writes()).toEqual(["registerInstance 1"]);
  });

  test("of one service goes together, since a connection has one instance or one batch of it", async () => {
    await Promise.all([naming.register(order(1)), naming.register(order(2))]);
    await naming.deregister(order(1));
    await naming.deregister(order(1));
    await naming.deregister(order(2));
    const both = "batchRegisterInstance 1,2";
    expect(writes()).toEqual([both, "registerInstance 2", "deregisterInstance 2"]);
  });

  test("is sent again on a new connection, without what was taken out meanwhile", async () => {
    await naming.register(order(1));
    await naming.register({ ...order(2), service: "PaymentService" });
    await server.close();
    await eventually(() => expect(client.reachable()).toBe(false));
    await expect(naming.beat(order(1))).rejects.toMatchObject({ code: "registry_unavailable" });
    await expect(naming.deregister(order(1))).rejects.toMatchObject({ code: "registry_unavailable" });
    server.received.splice(0);
    await server.listen();
    await eventually(() => expect(writes()).toContain("registerInstance 2"));
    expect(writes()).not.toContain("registerInstance 1");
  });

  test("and was not confirmed is taken out again when the server answers", async () => {
    await client.connected();
    server.script = silentFor(1);
    await expect(naming.register(order(1))).rejects.toMatchObject({ code: "registry_unavailable" });
    await eventually(() => expect(writes()).toEqual(["registerInstance 1", "deregisterInstance 1"]));
  });

  test("is restored by a beat when sending it again has failed", async () => {
    await naming.register(order(1));
    await server.close();
    let refusals = 0;
    server.script = (request) => {
      if (request.type !== "InstanceRequest" || refusals === 2) return willing(request);
      refusals += 1;
      return { type: "InstanceResponse", fields: { resultCode: 500, errorCode: 500, success: false } };
    };
    await server.listen();
    await eventually(() => naming.beat(order(1)));
    expect(refusals).toBe(2);
  });
});

describe("a subscription", () => {
  let seen: (number[] | "hint")[];
  const onChange = (instances?: readonly Instance[]) =>
    void seen.push(instances?.map(({ port }) => port) ?? "hint");
  const push = (serviceInfo: object) =>
    server.push("NotifySubscriberRequest", { requestId: "1", serviceInfo });
  beforeEach(async () => {
    seen = [];
    expect(await naming.subscribe("OrderService", onChange)).toBe("lists");
  });

  test("gets each list that the server sends, of its own group and cluster", async () => {
    const elsewhere = {
      ip: "127.0.0.1",
      port: 9,
      weight: 1,
      healthy: true,
      enabled: true,
      clusterName: "east",
    };
    push({ ...listOf([1], 1), groupName: "OTHER" });
    push({ ...listOf([1], 1), name: "PaymentService" });
    push(listOf([1], 1));
    push({ ...listOf([], 2), hosts: [...listOf([2], 2).hosts, elsewhere] });
    push(listOf([], 3));
    await eventually(() => expect(seen).toEqual([[1], [2], []]));
  });

  test("takes an older list as a hint to query, and ignores what is no list", async () => {
    push(listOf([1], 5));
    push(listOf([2], 4));
    push(listOf([3], 6, { hosts: [{ ip: 7 }] }));
    push(listOf([4], 7));
    await eventually(() => expect(seen.at(-1)).toEqual([4]));
    expect(seen).toEqual([[1], "hint", [4]]);
  });

  test("does not go back behind a list that was queried", async () => {
    server.script = ({ type }) => succeeded(type, { serviceInfo: listOf([8], 10) });
    expect(await naming.list("OrderService")).toMatchObject([{ port: 8 }]);
    push(listOf([7], 9));
    push(listOf([9], 11));
    await eventually(() => expect(seen).toEqual(["hint", [9]]));
  });

  test("is made again on a new connection, whose clock counts anew, and ends", async () => {
    push(listOf([1], 100));
    await eventually(() => expect(seen).toEqual([[1]]));
    await server.close();
    server.received.splice(0);
    await server.listen();
    await eventually(() => expect(server.types).toContain("SubscribeServiceRequest"));
    push(listOf([2], 1));
    await eventually(() => expect(seen).toEqual([[1], [2]]));
    naming.unsubscribe("OrderService");
    await eventually(() =>
      expect(server.received.at(-1)?.fields).toMatchObject({ serviceName: "OrderService", subscribe: false }),
    );
    push(listOf([3], 2));
    await client.request("HealthCheckRequest", {});
    expect(seen).toEqual([[1], [2]]);
  });
});
