// `npm start` as a person uses it: everything up and registered, a second instance beside it, and a clean end.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { services } from "../../../functions/services.ts";
import { eventually, until } from "../../support/poll.ts";
import { isAlive } from "../../support/processes.ts";
import { listedHosts } from "../../support/registry-list.ts";
import { type System, startBeside, startSystem } from "../../support/system.ts";

const health = z.looseObject({ service: z.string(), instance: z.string(), status: z.string() });
const SERVICES = services.map(({ contract }) => contract.service);

describe("the system", () => {
  let system: System;

  beforeAll(async () => {
    system = await startSystem();
  });

  afterAll(() => system?.cleanUp());

  test("has all services, healthy, each with its name and one instance id", async () => {
    await eventually(async () => {
      const replies = await Promise.all(services.map(({ key }) => fetch(`${system.urlOf(key)}/health/`)));
      expect(replies.map(({ status }) => status)).toEqual(services.map(() => 200));
      const healths = await Promise.all(replies.map(async (reply) => health.parse(await reply.json())));
      expect(healths).toEqual(SERVICES.map((service) => expect.objectContaining({ service, status: "ok" })));
      expect(new Set(healths.map(({ instance }) => instance)).size).toBe(1);
    });
  });

  test("is registered, with what others want to know of it", async () => {
    for (const service of SERVICES) {
      const [host, ...others] = await listedHosts(system.registryUrl, service);
      expect(others).toEqual([]);
      expect(host).toMatchObject({
        ip: "127.0.0.1",
        healthy: true,
        metadata: {
          pid: String(system.pid),
          stage: "dev",
          version: expect.any(String),
          instance: expect.any(String),
        },
      });
    }
  });

  test("shows a table of what runs where, and nothing of serverless-offline's own talk", () => {
    const logs = system.logs();
    for (const { key, contract } of services) {
      const url = system.urlOf(key);
      expect(logs).toMatch(new RegExp(`${contract.service} +${url} +yes +${url}/docs/`));
    }
    expect(logs).not.toMatch(/Starting Offline|Server ready|λ|Sponsored/);
  });

  test("keeps its secret to its owner", () => {
    expect(statSync(join(system.dataDir, "secret-key")).mode & 0o777).toBe(0o600);
  });

  test("writes a log file for each service", async () => {
    await fetch(`${system.urls.orders}/api/orders/`);
    for (const file of ["order-service.log", "payment-service.log", "notification-service.log"]) {
      expect(existsSync(join(system.env["LOG_DIR"] ?? "", file))).toBe(true);
    }
  });

  test("answers paths that do not exist, and bodies too large for the gateway, with problem documents", async () => {
    const missing = await fetch(`${system.urls.payments}/nowhere/`);
    const large = await fetch(`${system.urls.orders}/api/orders/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `"${"x".repeat(11 * 1024 * 1024)}"`,
    });
    expect([missing.status, large.status]).toEqual([404, 413]);
    for (const reply of [missing, large]) {
      expect(reply.headers.get("content-type")).toMatch(/^application\/problem\+json/);
      expect(await reply.json()).toMatchObject({ code: expect.any(String), trace_id: expect.any(String) });
    }
  });

  test("accepts a second instance of one service, which joins its registry and database, until that ends", async () => {
    const second = await startBeside(system, ["orders"]);
    try {
      const hosts = await listedHosts(system.registryUrl, "OrderService");
      expect(hosts.map((host) => host.port).toSorted()).toEqual(
        [second.port, Number(system.env["ORDER_SERVICE_PORT"])].toSorted(),
      );
      expect(new Set(hosts.map(({ metadata }) => metadata["instance"])).size).toBe(2);
      expect(await listedHosts(system.registryUrl, "PaymentService")).toHaveLength(1);
      expect(second.pids()).toHaveLength(2);
      expect(await second.stop()).toBe(0);
      await until("its processes are gone", () => second.pids().length === 0);
      expect(await listedHosts(system.registryUrl, "OrderService")).toHaveLength(1);
    } finally {
      await second.cleanUp();
    }
  });

  test("ends with 0 on SIGTERM, out of the registry before anything else, and no process remains", async () => {
    const pids = system.pids();
    expect(pids).toHaveLength(3);
    expect(await system.stop()).toBe(0);
    expect(await listedHosts(system.registryUrl, "OrderService")).toEqual([]);
    await until("no process is left", () => !pids.some(isAlive) && system.pids().length === 0);
  });
});
