import { expect, test } from "@jest/globals";
import { deploymentSettingProblems, deploymentSettings } from "./deployment.ts";

const DEFAULTS = {
  LOG_RETENTION_DAYS: 30,
  ROUTE_RATE_LIMIT: 500,
  CALLBACK_CONCURRENCY: undefined,
  RELAY_CONCURRENCY: undefined,
  DOMAIN_NAME: undefined,
  CERTIFICATE_ARN: undefined,
  HOSTED_ZONE_ID: undefined,
  WHOLE_INDEXES: false,
  TAGS: {},
};

test("without settings a deployment has its defaults", () => {
  expect(deploymentSettings({})).toEqual(DEFAULTS);
  expect(deploymentSettingProblems({})).toEqual([]);
});

test("settings count as they are given, and 0 executions as none kept", () => {
  const env = {
    LOG_RETENTION_DAYS: "365",
    ROUTE_RATE_LIMIT: "2000",
    CALLBACK_CONCURRENCY: "20",
    RELAY_CONCURRENCY: "0",
    DOMAIN_NAME: "api.shop.example",
    CERTIFICATE_ARN: "arn:aws-cn:acm:cn-north-1:123456789012:certificate/1a-2b",
    HOSTED_ZONE_ID: "Z0123456789ABC",
    WHOLE_INDEXES: "on",
    TAGS: "team=shop, url=https://a.example/b=c",
  };
  expect(deploymentSettingProblems(env)).toEqual([]);
  expect(deploymentSettings(env)).toEqual({
    LOG_RETENTION_DAYS: 365,
    ROUTE_RATE_LIMIT: 2_000,
    CALLBACK_CONCURRENCY: 20,
    RELAY_CONCURRENCY: undefined,
    DOMAIN_NAME: "api.shop.example",
    CERTIFICATE_ARN: "arn:aws-cn:acm:cn-north-1:123456789012:certificate/1a-2b",
    HOSTED_ZONE_ID: "Z0123456789ABC",
    WHOLE_INDEXES: true,
    TAGS: { team: "shop", url: "https://a.example/b=c" },
  });
});

test.each([
  ["LOG_RETENTION_DAYS", "31"],
  ["LOG_RETENTION_DAYS", "ever"],
  ["ROUTE_RATE_LIMIT", "0"],
  ["CALLBACK_CONCURRENCY", "-1"],
  ["RELAY_CONCURRENCY", "many"],
  ["DOMAIN_NAME", "https://api.shop.example"],
  ["DOMAIN_NAME", "localhost"],
  ["CERTIFICATE_ARN", "1a-2b"],
  ["HOSTED_ZONE_ID", "shop.example"],
  ["WHOLE_INDEXES", "some"],
  ["TAGS", "team"],
  ["TAGS", "aws:team=shop"],
  ["TAGS", "stage=prod"],
])("%s=%s is refused in a line that names it, and has no effect before that", (name, value) => {
  expect(deploymentSettingProblems({ [name]: value })).toEqual([expect.stringMatching(`^${name} must be `)]);
  expect(deploymentSettings({ [name]: value })).toEqual(DEFAULTS);
});
