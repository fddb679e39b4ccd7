// An old service, written in Python, beside the new ones with one registry. It does what its Nacos client 0.1.5 does: everything as a
// form or in the query, with the account in each request.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as z from "zod";
import { until } from "../../support/poll.ts";
import { send } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

/** What the original system has in its settings. */
const account = { username: "nacos", password: "nacos" };
const list = z.object({
  hosts: z.array(
    z.object({ ip: z.string(), port: z.number(), healthy: z.boolean(), clusterName: z.string() }),
  ),
});

let system: System;
beforeAll(async () => {
  system = await startSystem({
    env: { NACOS_USERNAME: account.username, NACOS_PASSWORD: account.password },
  });
});
afterAll(() => system?.cleanUp());

const ask = (method: string, path: string, query: Record<string, string>, form?: Record<string, string>) =>
  fetch(`${system.registryUrl}/nacos/v1/ns/${path}?${new URLSearchParams({ ...query, ...account })}`, {
    method,
    ...(form && { body: new URLSearchParams(form) }),
  });

/** Python's `urlencode` writes `True`, and `None` for the cluster that nobody named. */
const instance = {
  ip: "127.0.0.1",
  port: "8101",
  serviceName: "UserService",
  weight: "1.0",
  enable: "True",
  healthy: "True",
  clusterName: "None",
  ephemeral: "True",
  groupName: "DEFAULT_GROUP",
  namespaceId: "public",
};
const hostsOf = async (serviceName: string) => {
  const query = { serviceName, healthyOnly: "False", namespaceId: "public", groupName: "DEFAULT_GROUP" };
  const reply = await ask("GET", "instance/list", query);
  return list.parse(await reply.json()).hosts;
};

test("the old service registers, keeps alive by heartbeats, and goes", async () => {
  expect(await (await ask("POST", "instance", {}, instance)).text()).toBe("ok");
  const beat = JSON.stringify({
    serviceName: "UserService",
    ip: "127.0.0.1",
    port: 8101,
    weight: 1.0,
    ephemeral: true,
  });
  const beating = { serviceName: "UserService", beat, groupName: "DEFAULT_GROUP", namespaceId: "public" };
  expect(await (await ask("PUT", "instance/beat", beating)).json()).toMatchObject({ code: 10_200 });
  expect(await hostsOf("UserService")).toMatchObject([{ port: 8101, healthy: true, clusterName: "None" }]);

  const { ip, port, serviceName, ephemeral, groupName, namespaceId } = instance;
  const gone = { ip, port, serviceName, ephemeral, groupName, namespaceId };
  expect(await (await ask("DELETE", "instance", {}, gone)).text()).toBe("ok");
  expect(await hostsOf("UserService")).toEqual([]);
});

test("it finds the new OrderService and calls it", async () => {
  const [host] = await until("OrderService is listed", async () => {
    const hosts = (await hostsOf("OrderService")).filter(({ healthy }) => healthy);
    return hosts.length > 0 && hosts;
  });
  const url = `http://${host?.ip}:${host?.port}/api/orders/`;
  const order = { customer_name: "张三", total_amount: 299.99, status: "pending" };
  expect(await send("POST", url, order)).toMatchObject({ status: 201 });
});

test("with another password it gets nothing", async () => {
  const query = new URLSearchParams({ serviceName: "OrderService", username: "nacos", password: "wrong" });
  expect((await fetch(`${system.registryUrl}/nacos/v1/ns/instance/list?${query}`)).status).toBe(403);
});

test("the new services find each other with the account", async () => {
  const { body } = await send("GET", `${system.urls.orders}/api/orders/discover/payment/`);
  expect(body).toMatchObject({ chosen: { url: system.urlOf("payments") } });
});
