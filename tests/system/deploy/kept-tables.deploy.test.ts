// A stage that keeps its tables: removed, and deployed again with its data.

import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { awsRequest } from "../../../lib/core/aws-request.ts";
import { mustServerless, serverless } from "./serverless-cli.ts";

const STAGE = "kept";
const TABLE = "cfmp-order-kept-contacts";
const environment = {
  ...process.env,
  SECRET_KEY: "ssm:/cfmp-order/test/secret-key",
  SANDBOX_SECRET: "",
  SMTP_URL: "",
  CORS_ORIGINS: "",
  DB_NAME: "cfmp-order",
  // Its functions are never run.
  NODE_OPTIONS: `--require=${join(import.meta.dirname, "no-bundles.cjs")}`,
};

async function dynamodb(operation: string, body: object): Promise<{ status: number; body: string }> {
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": `DynamoDB_20120810.${operation}`,
  };
  return awsRequest({
    service: "dynamodb",
    path: "/",
    headers,
    body: JSON.stringify(body),
    timeoutMs: 30_000,
  });
}

test("what is in its tables is there after the stack was removed and deployed again", async () => {
  await mustServerless(["deploy", "--stage", STAGE], environment);
  const Item = { user: { S: "sam" }, email: { S: "sam@example.com" } };
  expect(await dynamodb("PutItem", { TableName: TABLE, Item })).toMatchObject({ status: 200 });
  await mustServerless(["remove", "--stage", STAGE], environment);
  const kept = await dynamodb("DescribeTable", { TableName: TABLE });
  expect(kept.status).toBe(200);
  expect(JSON.parse(kept.body).Table).toMatchObject({ DeletionProtectionEnabled: true });

  // They have other indexes than this setting wants.
  const refused = await serverless(["deploy", "--stage", STAGE], { ...environment, WHOLE_INDEXES: "on" });
  expect(refused).toMatchObject({
    code: 1,
    output: expect.stringContaining("deploy it without WHOLE_INDEXES=on"),
  });

  await mustServerless(["deploy", "--stage", STAGE], environment);
  const read = await dynamodb("GetItem", {
    TableName: TABLE,
    Key: { user: { S: "sam" } },
    ConsistentRead: true,
  });
  expect(JSON.parse(read.body)).toEqual({ Item });
  await mustServerless(["remove", "--stage", STAGE], environment);
}, 600_000);
