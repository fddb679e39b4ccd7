// A service that was just made, in the running system; its key is in TEST_NEW_SERVICE. Run by npm run test:new-service.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { services } from "../../../functions/services.ts";
import { createTokens } from "../../../lib/auth/tokens.ts";
import { loadConfig } from "../../../lib/config/env.ts";
import { shortName } from "../../../lib/core/service-name.ts";
import { createDiscovery } from "../../../lib/discovery/index.ts";
import { eventually } from "../../support/poll.ts";
import { listedHosts } from "../../support/registry-list.ts";
import { send } from "../../support/shop.ts";
import { silentLog } from "../../support/silent-log.ts";
import { type System, startSystem } from "../../support/system.ts";

const SECRET_KEY = "the secret key of this test, longer than it must be";
const found = services.find(({ key }) => key === process.env["TEST_NEW_SERVICE"]);
if (found === undefined) throw new Error("TEST_NEW_SERVICE names no service. Run: npm run test:new-service");
const { key, contract } = found;
const user = { uuid: "ann" };

let system: System;
beforeAll(async () => {
  system = await startSystem({ env: { SECRET_KEY } });
});
afterAll(() => system?.cleanUp());

const made = async () =>
  (await send("POST", `${system.gatewayUrl}${contract.basePath}/`, { note: "a note" }, user)).body;

test("is in the table of what runs, healthy and registered", async () => {
  expect(system.logs()).toMatch(new RegExp(`${contract.service} +${system.urlOf(key)} +yes`));
  await eventually(async () => {
    expect(await listedHosts(system.registryUrl, contract.service)).toMatchObject([{ healthy: true }]);
    const health = (await send("GET", `${system.urlOf(key)}/health/`)).body;
    expect(health).toMatchObject({
      service: contract.service,
      status: "ok",
      checks: { database: "ok", outbox: "ok" },
    });
  });
});

test("is reached through the gateway, and keeps what it is given", async () => {
  const { id } = await made();
  const url = `${system.gatewayUrl}${contract.basePath}/${id}/`;
  expect(await send("GET", url, undefined, user)).toMatchObject({
    status: 200,
    body: { id, note: "a note" },
  });
  expect((await send("GET", url, undefined, { uuid: "bob" })).status).toBe(404);
  expect((await send("GET", `${system.gatewayUrl}/${key}/health/`)).status).toBe(200);
  const document = (await send("GET", `${system.gatewayUrl}/openapi.json`)).body;
  expect(Object.keys(document.paths)).toContain(`${contract.basePath}/{id}/`);
});

test("is called by a peer, which finds it by discovery", async () => {
  const { id } = await made();
  const settings = { SECRET_KEY, TOKEN_AUDIENCE: "cfmp-order" };
  const discovery = createDiscovery(loadConfig({ ...system.env }), silentLog);
  try {
    const token = await createTokens(settings).mintService("OrderService", contract.service);
    const reply = await discovery.call(contract.service, {
      caller: "OrderService",
      method: "GET",
      path: `/internal/${key}/${id}/`,
      headers: { authorization: `Bearer ${token}` },
      retryable: true,
      deadline: Date.now() + 10_000,
    });
    expect([reply.status, JSON.parse(reply.body).id]).toEqual([200, id]);
  } finally {
    await discovery.close();
  }
});

test("is listed by the discovery route", async () => {
  const url = `${system.urls.orders}/api/orders/discover/${shortName(contract.service)}/`;
  expect((await send("GET", url, undefined, user)).body).toMatchObject({
    service: contract.service,
    available: true,
  });
});
