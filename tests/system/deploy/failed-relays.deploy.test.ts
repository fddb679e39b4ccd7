// Relays that are denied what they need: Lambda sees the error, the queue keeps the run, and it is run again after the repair.

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { createTokens } from "../../../lib/auth/tokens.ts";
import { awsRequest, invokeFunction } from "../../../lib/core/aws-request.ts";
import { until } from "../../support/poll.ts";
import { run } from "../../support/run.ts";
import { shop } from "../../support/shop.ts";

const url = process.env["TEST_DEPLOY_URL"] ?? "";
const urls = { orders: url, payments: url, notifications: url };
const tokens = createTokens({ SECRET_KEY: process.env["SECRET_KEY"] ?? "", TOKEN_AUDIENCE: "cfmp-order" });
const ROLE = "cfmp-order-test-us-east-1-orders";
const POLICY = "denied-for-a-test";
const RELAY = "cfmp-order-test-orders-relay";
const root = join(import.meta.dirname, "..", "..", "..");

/** One action of IAM (https://docs.aws.amazon.com/IAM/latest/APIReference/). */
async function iam(parameters: Readonly<Record<string, string>>): Promise<number> {
  const { status } = await awsRequest({
    service: "iam",
    path: "/",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ Version: "2010-05-08", ...parameters }).toString(),
    timeoutMs: 30_000,
  });
  return status;
}

async function deny(actions: readonly string[]): Promise<void> {
  const Statement = [{ Effect: "Deny", Action: actions, Resource: "*" }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  const named = { RoleName: ROLE, PolicyName: POLICY };
  expect(await iam({ Action: "PutRolePolicy", ...named, PolicyDocument })).toBe(200);
}

const repair = () => iam({ Action: "DeleteRolePolicy", RoleName: ROLE, PolicyName: POLICY });
afterEach(() => void repair());

async function outbox(...options: readonly string[]) {
  const command = [
    "-r",
    "./local/shared/node-version.cjs",
    "tools/outbox/main.ts",
    ...options,
    "--stage",
    "test",
  ];
  return run(process.execPath, command, { cwd: root, env: process.env });
}

async function failures(): Promise<readonly { function: string; payload: string; error: string }[]> {
  const { code, output } = await outbox("failures", "--json");
  expect({ code, output }).toMatchObject({ code: 0 });
  return JSON.parse(output);
}

/** The lines that the functions of OrderService have logged that contain `text`. */
async function logged(text: string): Promise<readonly string[]> {
  const { body } = await awsRequest({
    service: "logs",
    path: "/",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "Logs_20140328.FilterLogEvents",
    },
    body: JSON.stringify({ logGroupName: "/aws/lambda/cfmp-order-test-orders" }),
    timeoutMs: 30_000,
  });
  const events: readonly { readonly message: string }[] = JSON.parse(body).events;
  return events.map(({ message }) => message).filter((line) => line.includes(text));
}

test("a sweep that is denied its queries ends in the queue; after the repair it is re-driven, and nothing is lost or doubled", async () => {
  const user = randomUUID();
  const buyer = shop({ urls }, user, {
    authorization: `Bearer ${await tokens.mintUser({ sub: user }, 600)}`,
  });
  await deny(["dynamodb:Query", "lambda:InvokeFunction"]);
  const order = await buyer.order();
  expect(order.status).toBe(201);
  await invokeFunction(RELAY, JSON.stringify({ sweep: true }), 30_000);
  const kept = await until(
    "the run is in the queue",
    async () => (await failures()).find((one) => one.function === RELAY),
    120_000,
  );
  expect(kept).toMatchObject({
    payload: '{"sweep":true}',
    error: expect.stringContaining("of a sweep failed"),
  });
  // Its code is minified, and the stack names the source all the same.
  const lines = await until("its log is there", async () => {
    const found = await logged('"stack"');
    return found.length > 0 && found;
  });
  expect(lines.join("\n")).toMatch(/ {4}at (async )?lib\/outbox\/[\w-]+\.ts:\d+/);

  expect(await repair()).toBe(200);
  expect(await buyer.notifications()).toEqual([]);
  expect(await outbox("redrive")).toMatchObject({ code: 0, output: expect.stringContaining("0 left") });
  const received = await until("the buyer is notified", async () => {
    const events = (await buyer.notifications()).map(({ event }) => event);
    return events.length > 0 && events;
  });
  expect(received).toEqual(["order.created"]);
  await invokeFunction(RELAY, JSON.stringify({ sweep: true }), 30_000);
  await until("the queue stays empty", async () => (await failures()).length === 0);
  expect((await buyer.notifications()).map(({ event }) => event)).toEqual(["order.created"]);
});
