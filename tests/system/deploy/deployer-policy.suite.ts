// The policies of who deploys, against the resources of the template: what CloudFormation needs for each type is allowed on what the stack
// has, and nothing is allowed on everything that could be named.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import * as z from "zod";
import { type RenderedResource, renderedTemplate } from "./rendered-template.ts";

const ACCOUNT = "123456789012";
const REGION = "cn-north-1";
const STAGE = "prod";

const statement = z.object({
  Sid: z.string(),
  Action: z.array(z.string()),
  Resource: z.union([z.literal("*"), z.array(z.string())]).transform((one) => [one].flat()),
});
type Statement = z.infer<typeof statement>;
const policy = z.object({
  Properties: z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) }),
});

/** The file with the pseudo parameters of a stage in China filled in. */
function statements(): readonly (readonly Statement[])[] {
  const values: Readonly<Record<string, string>> = {
    "AWS::Partition": "aws-cn",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    Stage: STAGE,
    Tables: "cfmp-order",
    HostedZone: "Z1",
  };
  const file = join(import.meta.dirname, "..", "..", "..", "build", "deployer-policy.yml");
  const filled = (text: string) =>
    text.replace(/\$\{([\w:]+)\}/g, (all, name: string) => values[name] ?? all);
  const template = parse(readFileSync(file, "utf8"), {
    // Only the policies are read, not when they are there.
    customTags: [
      { tag: "!Sub", resolve: filled },
      { tag: "!Ref", resolve: filled },
      ...["!If", "!Not", "!Equals"].map((tag) => ({ tag, collection: "seq" as const })),
    ],
  });
  return Object.values(z.record(z.string(), policy).parse(template.Resources)).map(
    ({ Properties }) => Properties.PolicyDocument.Statement,
  );
}

const policies = statements();
const all = policies.flat();

const fits = (pattern: string, arn: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(arn);

const allowed = (action: string, arn: string): boolean =>
  all.some(({ Action, Resource }) => Action.includes(action) && Resource.some((one) => fits(one, arn)));

const arn = (service: string, rest: string, region = REGION, account = ACCOUNT) =>
  `arn:aws-cn:${service}:${region}:${account}:${rest}`;

/** A name of the template, as text. */
const nameOf = (value: unknown): string =>
  String(typeof value === "string" ? value : Object(value)["Fn::Sub"]).replace(`\${AWS::Region}`, REGION);

const dynamodb = (names: string) => names.split(" ").map((name) => `dynamodb:${name}`);

/**
 * What CloudFormation calls on behalf of who deploys, to create, change, read and delete a resource of each type (its schema's
 * `handlers`: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html#schema-properties-handlers),
 * and the resource.
 */
const NEEDED: Readonly<
  Record<string, { readonly actions: readonly string[]; arn(one: RenderedResource): string }>
> = {
  "AWS::S3::Bucket": {
    actions: [
      "CreateBucket",
      "DeleteBucket",
      "PutBucketPublicAccessBlock",
      "PutBucketTagging",
      "PutEncryptionConfiguration",
    ].map((name) => `s3:${name}`),
    arn: () => "arn:aws-cn:s3:::cfmp-order-prod-serverlessdeploymentbucket-1a2b3c",
  },
  "AWS::S3::BucketPolicy": {
    actions: ["s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"],
    arn: () => "arn:aws-cn:s3:::cfmp-order-prod-serverlessdeploymentbucket-1a2b3c",
  },
  "AWS::Lambda::Function": {
    actions: [
      "CreateFunction",
      "DeleteFunction",
      "GetFunction",
      "GetFunctionCodeSigningConfig",
      "GetFunctionRecursionConfig",
      "GetRuntimeManagementConfig",
      "PutFunctionConcurrency",
      "DeleteFunctionConcurrency",
      "TagResource",
      "UntagResource",
      "UpdateFunctionCode",
      "UpdateFunctionConfiguration",
    ].map((name) => `lambda:${name}`),
    arn: ({ Properties }) => arn("lambda", `function:${nameOf(Properties["FunctionName"])}`),
  },
  "AWS::Lambda::EventInvokeConfig": {
    actions: ["Put", "Get", "Update", "Delete"].map((verb) => `lambda:${verb}FunctionEventInvokeConfig`),
    arn: () => arn("lambda", "function:cfmp-order-prod-orders-relay"),
  },
  "AWS::Lambda::Permission": {
    actions: ["lambda:AddPermission", "lambda:RemovePermission", "lambda:GetPolicy"],
    arn: () => arn("lambda", "function:cfmp-order-prod-orders-relay"),
  },
  "AWS::Events::Rule": {
    actions: [
      "PutRule",
      "DeleteRule",
      "DescribeRule",
      "PutTargets",
      "RemoveTargets",
      "ListTargetsByRule",
    ].map((name) => `events:${name}`),
    arn: ({ Properties }) => arn("events", `rule/${nameOf(Properties["Name"])}`),
  },
  ...Object.fromEntries(
    ["Api", "Integration", "Route", "Stage", "Deployment"].map((type) => [
      `AWS::ApiGatewayV2::${type}`,
      {
        actions: ["POST", "PUT", "PATCH", "GET", "DELETE", "TagResource"].map((verb) => `apigateway:${verb}`),
        arn: () =>
          arn("apigateway", type === "Api" ? "/apis" : `/apis/a1b2/${type.toLowerCase()}s`, REGION, ""),
      },
    ]),
  ),
  "AWS::ApiGatewayV2::DomainName": {
    actions: ["apigateway:POST", "apigateway:GET", "apigateway:PATCH", "apigateway:DELETE"],
    arn: () => arn("apigateway", "/domainnames", REGION, ""),
  },
  "AWS::ApiGatewayV2::ApiMapping": {
    actions: ["apigateway:POST", "apigateway:GET", "apigateway:PATCH", "apigateway:DELETE"],
    arn: () => arn("apigateway", "/domainnames/api.shop.example/apimappings", REGION, ""),
  },
  "AWS::Route53::RecordSet": {
    actions: ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets", "route53:GetHostedZone"],
    arn: ({ Properties }) => arn("route53", `hostedzone/${nameOf(Properties["HostedZoneId"])}`, "", ""),
  },
  "AWS::Logs::LogGroup": {
    actions: ["CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "TagResource"].map(
      (name) => `logs:${name}`,
    ),
    arn: ({ Properties }) => arn("logs", `log-group:${nameOf(Properties["LogGroupName"])}`),
  },
  "AWS::Logs::MetricFilter": {
    actions: ["logs:PutMetricFilter", "logs:DeleteMetricFilter", "logs:DescribeMetricFilters"],
    arn: () => arn("logs", "log-group:/aws/http-api/cfmp-order-prod:log-stream:"),
  },
  "AWS::DynamoDB::Table": {
    actions: dynamodb(
      "CreateTable DeleteTable DescribeContinuousBackups DescribeContributorInsights DescribeKinesisStreamingDestination " +
        "DescribeTable DescribeTimeToLive GetResourcePolicy ListTagsOfResource TagResource UntagResource UpdateContinuousBackups " +
        "UpdateTable UpdateTimeToLive",
    ),
    arn: ({ Properties }) => arn("dynamodb", `table/${nameOf(Properties["TableName"])}`),
  },
  "AWS::SQS::Queue": {
    actions: [
      "CreateQueue",
      "DeleteQueue",
      "GetQueueAttributes",
      "SetQueueAttributes",
      "ListQueueTags",
      "TagQueue",
    ].map((name) => `sqs:${name}`),
    arn: ({ Properties }) => arn("sqs", nameOf(Properties["QueueName"])),
  },
  "AWS::CloudWatch::Alarm": {
    actions: ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:TagResource"],
    arn: ({ Properties }) => arn("cloudwatch", `alarm:${nameOf(Properties["AlarmName"])}`),
  },
  "AWS::CloudWatch::Dashboard": {
    actions: ["cloudwatch:PutDashboard", "cloudwatch:GetDashboard", "cloudwatch:DeleteDashboards"],
    arn: ({ Properties }) => arn("cloudwatch", `dashboard/${nameOf(Properties["DashboardName"])}`, ""),
  },
  "AWS::IAM::Role": {
    actions: [
      "CreateRole",
      "DeleteRole",
      "DeleteRolePolicy",
      "GetRole",
      "GetRolePolicy",
      "ListAttachedRolePolicies",
      "ListRolePolicies",
      "PassRole",
      "PutRolePolicy",
      "TagRole",
      "UntagRole",
      "UpdateAssumeRolePolicy",
      "UpdateRole",
    ].map((name) => `iam:${name}`),
    arn: ({ Properties }) => arn("iam", `role/${nameOf(Properties["RoleName"])}`, ""),
  },
};

/** Settings with which the template has all that it can have. */
const EVERYTHING = {
  CALLBACK_CONCURRENCY: "5",
  DOMAIN_NAME: "api.shop.example",
  CERTIFICATE_ARN: `arn:aws-cn:acm:${REGION}:${ACCOUNT}:certificate/1a`,
  HOSTED_ZONE_ID: "Z1",
};

describe("the deployer's policies", () => {
  let resources: readonly RenderedResource[];
  beforeAll(async () => {
    const { resources: found } = await renderedTemplate(EVERYTHING, { stage: STAGE, region: REGION });
    resources = Object.values(found);
  }, 240_000);

  test("allow what CloudFormation needs for each resource of the template", () => {
    expect([...new Set(resources.map(({ Type }) => Type))].sort()).toEqual(Object.keys(NEEDED).sort());
    for (const one of resources) {
      const { actions, arn: of } = NEEDED[one.Type] ?? { actions: [], arn: () => "" };
      const missing = actions.filter((action) => !allowed(action, of(one)));
      expect({ [of(one)]: missing }).toEqual({ [of(one)]: [] });
    }
  });

  test("allow nothing on another stage's resources of the same kinds", () => {
    for (const one of resources) {
      const { actions, arn: of } = NEEDED[one.Type] ?? { actions: [], arn: () => "" };
      // API Gateway has no names, and a zone may serve several stages.
      if (/^AWS::(ApiGatewayV2|Route53)/.test(one.Type)) continue;
      const other = of(one).replaceAll("cfmp-order-prod", "cfmp-order-test");
      expect(actions.filter((action) => allowed(action, other))).toEqual([]);
    }
  });

  test("name actions and resources; on all of the account there is only what can't be named", () => {
    for (const { Sid, Action, Resource } of all) {
      for (const action of Action) expect(action).toMatch(/^[a-z0-9-]+:\w+$/);
      if (Resource.includes("*")) expect(["Template", "LogDelivery"]).toContain(Sid);
      expect([...Action].sort()).toEqual(Action);
    }
  });

  test("are within IAM's limit of 6,144 characters, with the longest names of a stage and a region", () => {
    for (const Statement of policies) {
      const text = JSON.stringify({ Version: "2012-10-17", Statement })
        .replaceAll("cfmp-order-prod", `cfmp-order-${"p".repeat(32)}`)
        .replaceAll("aws-cn", "aws-us-gov")
        .replaceAll(REGION, "ap-southeast-1");
      expect(text.length).toBeLessThanOrEqual(6_144);
    }
  });
});
