// The system on an IPv6 address: everything that writes or reads a host with a port does so in brackets.

import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { until } from "../../support/poll.ts";
import { eventCounts, orderIn, send, shop, type Urls } from "../../support/shop.ts";
import { type System, startBeside, startSystem } from "../../support/system.ts";

const addresses = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
const hasIpv6 = addresses.some(({ address }) => address === "::1");
if (!hasIpv6) process.stdout.write("This machine has no IPv6: the journey on [::1] is NOT tested here.\n");

(hasIpv6 ? describe : describe.skip)("HOST=::1", () => {
  let system: System;
  let urls: Urls;

  beforeAll(async () => {
    // A spelling of ::1 that nobody writes, and that must not be taken for an address of the network.
    system = await startSystem({ env: { HOST: "0:0:0:0:0:0:0:1" } });
    const { gatewayUrl } = system;
    urls = { orders: gatewayUrl, payments: gatewayUrl, notifications: gatewayUrl };
  });
  afterAll(() => system?.cleanUp());

  test("is shown in brackets, and every service is registered there", async () => {
    for (const key of ["orders", "payments", "notifications"]) {
      const url = system.urlOf(key);
      expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
      expect(system.logs()).toMatch(new RegExp(`${escaped(url)} +yes +${escaped(`${url}/docs/`)}`));
    }
    expect(system.logs()).toContain(`gateway   ${system.gatewayUrl}`);
  });

  test("is what the registry and discovery know", async () => {
    const list = "nacos/v1/ns/instance/list?serviceName=DEFAULT_GROUP@@PaymentService";
    const { body } = await send("GET", `${system.registryUrl}/${list}`);
    const url = system.urlOf("payments");
    expect(body.hosts).toEqual([expect.objectContaining({ ip: "::1", port: Number(new URL(url).port) })]);
    const seen = await send("GET", `${system.urls.orders}/api/orders/discover/payment/`);
    expect(seen.body).toMatchObject({ chosen: { host: "::1", url }, instances: [{ host: "::1" }] });
  });

  test("takes a purchase through the gateway, with mail, whichever instance answers", async () => {
    const other = await startBeside(system, ["orders"]);
    try {
      const customer = shop({ urls });
      const order = (await customer.order()).body;
      const payment = (await customer.pay(order.id)).body;
      expect((await customer.simulate(payment.id)).status).toBeLessThan(300);
      await orderIn(customer, order.id, "paid");
      await until(
        "the buyer was notified",
        async () => (await eventCounts(customer, order.id))["order.paid"] === 1,
      );
      const discovered = `${urls.orders}/api/orders/discover/order/`;
      await until("both instances are known", async () => {
        const { instances } = (await send("GET", discovered)).body;
        return instances.length === 2 && instances.every(({ host }: { host: string }) => host === "::1");
      });
    } finally {
      await other.cleanUp();
    }
  });

  test("is served under its own name, in any spelling, and under no other", async () => {
    const port = new URL(system.gatewayUrl).port;
    const statusFor = async (host: string) =>
      (await send("GET", `${system.gatewayUrl}/api/orders/`, undefined, { host })).status;
    expect(await statusFor(`[::1]:${port}`)).toBe(200);
    expect(await statusFor(`[0:0:0:0:0:0:0:1]:${port}`)).toBe(200);
    expect(await statusFor(`[::2]:${port}`)).toBe(400);
    expect(await statusFor("::1")).toBe(400);
  });

  test("has documents that a page there can try: their server is where they came from", async () => {
    for (const base of [system.gatewayUrl, ...Object.values(system.urls)]) {
      const { servers } = (await send("GET", `${base}/openapi.json`)).body;
      expect(new URL(servers[0].url, `${base}/openapi.json`).href).toBe(`${base}/`);
      expect((await send("GET", `${base}/docs/`)).status).toBe(200);
    }
  });

  test("pages of its own origin may ask; those of IPv4 loopback may not", async () => {
    const from = async (origin: string) =>
      (await send("GET", `${system.gatewayUrl}/api/orders/`, undefined, { origin })).status;
    expect(await from(system.gatewayUrl)).toBe(200);
    expect(await from(system.gatewayUrl.replace("[::1]", "127.0.0.1"))).toBe(403);
  });
});

const escaped = (text: string): string => text.replace(/[[\].]/g, "\\$&");
