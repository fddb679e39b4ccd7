import { describe, expect, test } from "@jest/globals";
import { awsEndpoint, partitionOf } from "./aws-endpoint.ts";

describe("an API of AWS is at", () => {
  test.each<[string, NodeJS.ProcessEnv, string]>([
    ["lambda", { AWS_REGION: "eu-west-1" }, "https://lambda.eu-west-1.amazonaws.com"],
    ["sqs", { AWS_DEFAULT_REGION: "eu-west-1" }, "https://sqs.eu-west-1.amazonaws.com"],
    ["sqs", {}, "https://sqs.us-east-1.amazonaws.com"],
    ["dynamodb", { AWS_REGION: "cn-north-1" }, "https://dynamodb.cn-north-1.amazonaws.com.cn"],
    ["sqs", { AWS_REGION: "cn-north-1", AWS_ENDPOINT_URL: "http://localhost:1" }, "http://localhost:1"],
    ["sqs", { AWS_ENDPOINT_URL: "http://x:1", AWS_ENDPOINT_URL_SQS: "http://x:2" }, "http://x:2"],
  ])("%s, given %j: %s", (service, env, url) => {
    expect(awsEndpoint(service, env)).toBe(url);
  });
});

test.each([
  ["eu-west-1", "aws"],
  ["cn-northwest-1", "aws-cn"],
  ["us-gov-east-1", "aws-us-gov"],
])("the partition of %s is %s", (region, partition) => {
  expect(partitionOf(region)).toBe(partition);
});
