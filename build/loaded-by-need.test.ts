import { afterAll, expect, test } from "@jest/globals";
import { bundles } from "./test-bundle.ts";

const { bundle, remove } = bundles();

afterAll(remove);

test.each([
  ["relay", { nodemailer: true, dynamoose: false }],
  ["record-event", { nodemailer: false, dynamoose: false }],
  ["list-notifications", { nodemailer: false, dynamoose: false }],
  ["send-notification", { nodemailer: false, dynamoose: true }],
  ["read-all", { nodemailer: false, dynamoose: true }],
])("the bundle of %s carries what it may need, and nothing else", async (name, expected) => {
  const { has } = await bundle(`notifications/handlers/${name}.ts`);
  const carried = { nodemailer: has("/nodemailer/"), dynamoose: has("/dynamoose/") };
  expect(carried).toEqual(expected);
});
