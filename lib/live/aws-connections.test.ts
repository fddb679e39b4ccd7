import { afterEach, expect, test } from "@jest/globals";
import { connectionsEndpoint } from "./aws-connections.ts";

const before = { ...process.env };

afterEach(() => {
  process.env = before;
});

test.each([
  [{ AWS_REGION: "eu-central-1" }, "https://a1.execute-api.eu-central-1.amazonaws.com/prod"],
  [{ AWS_REGION: "cn-north-1" }, "https://a1.execute-api.cn-north-1.amazonaws.com.cn/prod"],
  [{ AWS_ENDPOINT_URL: "http://127.0.0.1:1" }, "https://a1.execute-api.us-east-1.amazonaws.com/prod"],
  [{ AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: "http://127.0.0.1:1" }, "http://127.0.0.1:1/prod"],
])("with %j, connections are managed at %s", (env, expected) => {
  process.env = env;
  expect(connectionsEndpoint("a1", "prod")).toBe(expected);
});
