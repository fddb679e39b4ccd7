import { afterAll, expect, test } from "@jest/globals";
import { bundles } from "./test-bundle.ts";

const { bundle, remove } = bundles();

afterAll(remove);

test.each([
  ["relay", { nodemailer: true, dynamoose: false, "webcrypto-web-push": true, standardwebhooks: false }],
  [
    "webhook-relay",
    { nodemailer: false, dynamoose: false, "webcrypto-web-push": false, standardwebhooks: true },
  ],
  ["webhooks", { nodemailer: false, dynamoose: true, "webcrypto-web-push": false, standardwebhooks: true }],
  [
    "record-event",
    { nodemailer: false, dynamoose: false, "webcrypto-web-push": false, standardwebhooks: false },
  ],
  ["list-notifications", { nodemailer: false, dynamoose: false, "webcrypto-web-push": false }],
  ["subscriptions", { nodemailer: false, dynamoose: true, "webcrypto-web-push": false }],
  ["send-notification", { nodemailer: false, dynamoose: true, "webcrypto-web-push": false }],
  ["preferences", { nodemailer: false, dynamoose: true, "webcrypto-web-push": false }],
  ["read-all", { nodemailer: false, dynamoose: true, "webcrypto-web-push": false }],
])("the bundle of %s carries what it may need, and nothing else", async (name, expected) => {
  const { has } = await bundle(`notifications/handlers/${name}.ts`);
  const carried = Object.keys(expected).map((name) => [name, has(`/${name}/`)]);
  expect(Object.fromEntries(carried)).toEqual(expected);
});

test("no bundle carries what Nacos needs a connection for", async () => {
  const { has } = await bundle("orders/handlers/create-order.ts");
  const left = ["lib/nacos/push-receiver", "lib/nacos/grpc-session", "lib/discovery/registry/beat-line"];
  expect(["lib/discovery/registry/nacos-v3", ...left].map(has)).toEqual([true, false, false, false]);
});
