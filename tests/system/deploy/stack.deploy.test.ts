// The deployed system, over its HTTP API: what is otherwise on AWS than elsewhere. Its journeys are those of all targets (journeys.deploy.test.ts).

import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { createTokens } from "../../../lib/auth/tokens.ts";
import { awsRequest } from "../../../lib/core/aws-request.ts";
import { until } from "../../support/poll.ts";
import { type Headers, send, shop } from "../../support/shop.ts";

const url = process.env["TEST_DEPLOY_URL"] ?? "";
const urls = { orders: url, payments: url, notifications: url };
const secretKey = process.env["SECRET_KEY"] ?? "";
const tokens = createTokens({ SECRET_KEY: secretKey, TOKEN_AUDIENCE: "cfmp-order" });

async function customer() {
  const user = randomUUID();
  const token = await tokens.mintUser({ sub: user }, 600);
  return shop({ urls }, user, { authorization: `Bearer ${token}` });
}

const problem = (status: number, code: string) => ({
  status,
  headers: { "content-type": "application/problem+json" },
  body: { status, code },
});

describe("health", () => {
  test.each([
    ["/health/", "OrderService"],
    // The emulator keeps `/health` for itself.
    ["/orders/health", "OrderService"],
    ["/payments/health/", "PaymentService"],
    ["/notifications/health", "NotificationService"],
  ])("GET %s is %s's, which reaches its table and knows its peers", async (path, service) => {
    const expected = { service, status: "ok", checks: { database: "ok", registry: "ok", outbox: "ok" } };
    // Checks end after half a second, which a function's first queries may take on a busy machine.
    const reply = await until("everything is reached in time", async () => {
      const now = await send("GET", `${url}${path}`);
      return now.body.status === "ok" && now;
    });
    expect(reply).toMatchObject({ status: 200, body: expected });
  });
});

describe("orders", () => {
  test("are created, read and listed, with a trailing slash and without", async () => {
    const buyer = await customer();
    const body = { customer_name: "张三", total_amount: 299.99, status: "pending" };
    const first = await buyer.call("POST", `${url}/api/orders/`, body);
    expect(first).toMatchObject({ status: 201, body: { status: "pending", total_amount: "299.99" } });
    const second = await buyer.call("POST", `${url}/api/orders`, body);
    expect(second.status).toBe(201);
    for (const slash of ["/", ""]) {
      const read = await buyer.call("GET", `${url}/api/orders/${first.body.id}${slash}`);
      expect(read).toMatchObject({ status: 200, body: { id: first.body.id, customer_name: "张三" } });
      const list = await buyer.call("GET", `${url}/api/orders${slash}?limit=10`);
      expect(list.body.items.map(({ id }: { id: string }) => id)).toEqual([second.body.id, first.body.id]);
    }
  });

  test("take a token only: no header and the header of DEBUG are refused", async () => {
    const attempts: readonly Headers[] = [{}, { uuid: "somebody" }, { authorization: "Bearer x.y.z" }];
    for (const headers of attempts) {
      expect(await send("GET", `${url}/api/orders/`, undefined, headers)).toMatchObject({
        status: 401,
        headers: { "content-type": "application/problem+json" },
      });
    }
  });
});

describe("what no route takes", () => {
  test("is a 404, or a 405 that says what the path takes, of the service whose path it is", async () => {
    expect(await send("GET", `${url}/nowhere`)).toMatchObject(problem(404, "route_unknown"));
    expect(await send("GET", `${url}/api/payments/1/2/3`)).toMatchObject(problem(404, "route_unknown"));
    expect(await send("DELETE", `${url}/api/orders/`)).toMatchObject({
      ...problem(405, "method_not_allowed"),
      headers: { allow: expect.stringContaining("POST") },
    });
    expect(await send("PUT", `${url}/api/notifications/`)).toMatchObject(problem(405, "method_not_allowed"));
  });

  test("but HEAD is taken wherever GET is, and answers the same without a body", async () => {
    const buyer = await customer();
    const { body: order } = await buyer.order();
    const paths = [
      "/health/",
      "/payments/health",
      "/notifications/docs/swagger-ui.css",
      "/api/orders?limit=10",
      `/api/orders/${order.id}/`,
      "/api/notifications/webhooks/",
      `/api/payments/${randomUUID()}/`,
    ];
    for (const path of paths) {
      const get = await buyer.call("GET", url + path);
      const head = await buyer.call("HEAD", url + path);
      expect([path, head.status, head.body]).toEqual([path, get.status, ""]);
      for (const name of ["content-type", "etag"]) expect(head.headers[name]).toBe(get.headers[name]);
    }
    expect((await send("HEAD", `${url}/api/orders/`)).status).toBe(401);
    expect((await send("HEAD", `${url}/api/payments/${randomUUID()}/cancel/`)).status).toBe(405);
  });

  test("and what is for services only is a 404, also with a service's token", async () => {
    const token = await tokens.mintService("PaymentService", "OrderService");
    const authorization = { authorization: `Bearer ${token}` };
    const path = `/internal/orders/${randomUUID()}`;
    for (const headers of [{}, authorization]) {
      for (const slash of ["/", ""])
        expect(await send("GET", url + path + slash, undefined, headers)).toMatchObject(
          problem(404, "route_unknown"),
        );
      const lease = await send("POST", `${url}${path}/payment-attempts/`, {}, headers);
      expect(lease).toMatchObject(problem(404, "route_unknown"));
      const event = await send("POST", `${url}/internal/notifications/`, {}, headers);
      expect(event).toMatchObject(problem(404, "route_unknown"));
    }
  });

  test("and what is for DEBUG is a 404 too", async () => {
    const buyer = await customer();
    expect(await buyer.simulate(randomUUID())).toMatchObject({ status: 404 });
  });
});

describe("the live configuration", () => {
  test("stops new payments by a parameter, and lets them in again without it", async () => {
    const buyer = await customer();
    const order = (await buyer.order()).body;
    const parameter = (action: string, request: object) =>
      awsRequest({
        service: "ssm",
        path: "/",
        headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `AmazonSSM.${action}` },
        body: JSON.stringify({ Name: "/cfmp-order-test/live", ...request }),
        timeoutMs: 30_000,
      });
    const document = { Value: '{"payments_enabled":false}', Type: "String", Overwrite: true };
    expect(await parameter("PutParameter", document)).toMatchObject({ status: 200 });
    try {
      // A function of a new environment reads its settings first, and may answer 503 for that reason meanwhile.
      const refused = await until(
        "payments are stopped",
        async () => {
          // An order that is not there: whether it would be looked for is what the switch decides.
          const reply = await buyer.pay(randomUUID());
          return reply.status === 503 && reply.body.code === "payments_disabled" && reply;
        },
        90_000,
      );
      expect(refused).toMatchObject(problem(503, "payments_disabled"));
    } finally {
      expect(await parameter("DeleteParameter", {})).toMatchObject({ status: 200 });
    }
    const paying = await until(
      "payments are let in",
      async () => {
        const reply = await buyer.pay(order.id);
        return reply.status === 201 && reply;
      },
      90_000,
    );
    expect(paying.body.status).toBe("pending");
  });
});
