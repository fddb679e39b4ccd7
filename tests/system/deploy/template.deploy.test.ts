// The template that is deployed: what the emulator takes without a word, or does not do, is checked here.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { alarmResources } from "../../../build/alarms.ts";
import { awsEnvironment } from "../../../build/environment.ts";
import { functionOf, serverlessFunctions } from "../../../build/functions.ts";
import { httpApiRoleResource } from "../../../build/http-api-role.ts";
import { isDeployed } from "../../../build/peer-routes.ts";
import { roleIdOf, SELF_CONTAINED_ROLE } from "../../../build/role-ids.ts";
import { roleResources } from "../../../build/roles.ts";
import { services } from "../../../functions/services.ts";
import { CORS } from "../../../lib/http/cors.ts";

const folder = process.env["TEST_DEPLOY_PACKAGE"] ?? "";
const resource = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
type Resource = z.infer<typeof resource>;

const text = readFileSync(join(folder, "cloudformation-template-update-stack.json"), "utf8");
const template = z.object({ Resources: z.record(z.string(), resource) }).parse(JSON.parse(text));

/** Settings that are references; the secrets themselves are in this process's environment. */
const references = z
  .record(z.string(), z.string())
  .parse(JSON.parse(process.env["TEST_DEPLOY_REFERENCES"] ?? "{}"));

const ofType = (type: string): readonly Resource[] =>
  Object.values(template.Resources).filter((one) => one.Type === type);

const functions = ofType("AWS::Lambda::Function");
const tables = ofType("AWS::DynamoDB::Table");

/** The queue of this stack, by reference. */
const RELAY_FAILURES = { "Fn::GetAtt": ["RelayFailures", "Arn"] };

/** Largest bundle, zipped, but for the one that carries the documentation viewer. */
const MAX_ZIP_BYTES = 500_000;
const MAX_VIEWER_ZIP_BYTES = 1_000_000;

describe("functions", () => {
  test("are one for each route or several of them, one for what no route takes, and one for each relay", () => {
    const expected = services.flatMap(({ key, contract, relays }) => [
      ...new Set(
        Object.values(contract.routes)
          .filter((route) => isDeployed(contract, route))
          .map((route) => `cfmp-order-test-${functionOf({ key }, route, "aws")}`),
      ),
      `cfmp-order-test-${key}-fallback`,
      ...relays.map(({ name }) => `cfmp-order-test-${name}`),
    ]);
    expect(functions.map(({ Properties }) => Properties["FunctionName"]).sort()).toEqual(expected.sort());
  });

  test("run with DEBUG off, this stage's tables, and relays of this stage", () => {
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: "nodejs24.x",
        Environment: {
          Variables: {
            DEBUG: "False",
            DB_ENGINE: "dynamodb",
            DB_NAME: "cfmp-order-test",
            FUNCTION_PREFIX: "cfmp-order-test-",
          },
        },
      });
    }
  });

  test("are small bundles, one file each", () => {
    const zips = readdirSync(folder).filter((name) => name.endsWith(".zip"));
    expect(zips).toHaveLength(functions.length);
    const large = zips.filter((name) => {
      const limit = name.endsWith("pages.zip") ? MAX_VIEWER_ZIP_BYTES : MAX_ZIP_BYTES;
      return statSync(join(folder, name)).size > limit;
    });
    expect(large).toEqual([]);
  });
});

describe("runs of relays that fail", () => {
  test("are run again, and end in one encrypted queue that keeps them for 14 days", () => {
    expect(ofType("AWS::SQS::Queue").map(({ Properties }) => Properties)).toEqual([
      {
        QueueName: "cfmp-order-test-relay-failures",
        MessageRetentionPeriod: 14 * 86_400,
        SqsManagedSseEnabled: true,
      },
    ]);
    const relays = services.flatMap((service) => service.relays);
    const configs = ofType("AWS::Lambda::EventInvokeConfig").map(({ Properties }) => Properties);
    expect(configs).toHaveLength(relays.length);
    for (const config of configs) {
      expect(config).toMatchObject({
        DestinationConfig: { OnFailure: { Destination: RELAY_FAILURES } },
        MaximumEventAgeInSeconds: 3_600,
        MaximumRetryAttempts: 2,
      });
    }
  });
});

describe("alarms", () => {
  test("are those of build/alarms.ts, on functions and an API of this stack", () => {
    const expected = alarmResources(services, serverlessFunctions(services, "aws"), {
      prefix: "cfmp-order-test",
      topic: "",
    });
    const alarms = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === "AWS::CloudWatch::Alarm",
    );
    expect(Object.fromEntries(alarms)).toEqual(expected);
    const names = functions.map(({ Properties }) => Properties["FunctionName"]);
    const watched = [...JSON.stringify(expected).matchAll(/"FunctionName","Value":"([\w-]+)"/g)];
    expect(watched.length).toBeGreaterThanOrEqual(16);
    for (const [, name] of watched) expect(names).toContain(name);
    expect(template.Resources["HttpApi"]?.Type).toBe("AWS::ApiGatewayV2::Api");
  });
});

describe("routes", () => {
  test("are those of the contracts, each with a trailing slash and without", () => {
    const expected = Object.values(serverlessFunctions(services, "aws"))
      .flatMap(({ events }) => events)
      .flatMap((event) => ("httpApi" in event ? [event.httpApi] : []))
      .map((route) => (typeof route === "string" ? "$default" : `${route.method} ${route.path}`))
      .map((key) => key.replace(/^\* /, "ANY "));
    const routes = ofType("AWS::ApiGatewayV2::Route").map(({ Properties }) => Properties["RouteKey"]);
    expect(routes.sort()).toEqual(expected.sort());
    expect(routes).toEqual(expect.arrayContaining(["POST /api/orders/", "POST /api/orders"]));
  });
});

describe("pages of other origins", () => {
  test("are let in by the HTTP API as the listeners of this machine let them in", () => {
    const apis = ofType("AWS::ApiGatewayV2::Api").map(({ Properties }) => Properties["CorsConfiguration"]);
    expect(apis).toEqual([
      {
        AllowOrigins: process.env["CORS_ORIGINS"]?.split(","),
        AllowMethods: CORS.methods,
        AllowHeaders: CORS.headers,
        ExposeHeaders: CORS.exposedHeaders,
        MaxAge: CORS.maxAgeSeconds,
      },
    ]);
  });
});

describe("the template", () => {
  test("is within CloudFormation's limits, with room for a third more", () => {
    expect(Object.keys(template.Resources).length).toBeLessThan(500 * 0.75);
    expect(text.length).toBeLessThan(1_000_000 * 0.75);
  });
});

describe("tables", () => {
  test("are those of the services, with this stage's name", () => {
    const names = services.flatMap((service) => service.tables.map(({ name }) => `cfmp-order-test-${name}`));
    expect(tables.map(({ Properties }) => Properties["TableName"]).sort()).toEqual(names.sort());
    expect(names).toEqual(expect.arrayContaining(["cfmp-order-test-orders", "cfmp-order-test-contacts"]));
  });

  test("can be restored to any second, are encrypted, and cost nothing while idle", () => {
    for (const { Properties } of tables) {
      expect(Properties).toMatchObject({
        BillingMode: "PAY_PER_REQUEST",
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
      });
    }
  });

  test("of aggregates forget what has expired", () => {
    const aggregates = tables.filter(
      ({ Properties }) => Properties["TableName"] !== "cfmp-order-test-contacts",
    );
    for (const { Properties } of aggregates) {
      expect(Properties["TimeToLiveSpecification"]).toEqual({ AttributeName: "expires_on", Enabled: true });
    }
  });
});

describe("permissions", () => {
  const SELF_CONTAINED = /-(pages|fallback)$/;
  const roleOf = ({ Properties }: Resource) => Properties["Role"];
  const variables = z.object({ Variables: z.record(z.string(), z.unknown()) });

  test("are those of build/roles.ts: osls adds no role, and changes none", () => {
    const expected = {
      ...roleResources(services, {
        prefix: "cfmp-order-test",
        environments: awsEnvironment(services, { ...process.env, ...references }),
        secretsKey: "",
      }),
      ...httpApiRoleResource(serverlessFunctions(services, "aws"), "cfmp-order-test"),
    };
    const roles = Object.entries(template.Resources).filter(([, { Type }]) => Type === "AWS::IAM::Role");
    expect(Object.fromEntries(roles)).toEqual(expected);
    expect(ofType("AWS::IAM::Policy")).toEqual([]);
  });

  test("of each function are its service's, or none beyond logs where it needs no data", () => {
    for (const { key, relays } of services) {
      const names = [`cfmp-order-test-${key}-`, ...relays.map(({ name }) => `cfmp-order-test-${name}`)];
      const own = functions.filter(({ Properties }) =>
        names.some((name) => String(Properties["FunctionName"]).startsWith(name)),
      );
      expect(own.length).toBeGreaterThan(names.length);
      for (const one of own) {
        const role = SELF_CONTAINED.test(String(one.Properties["FunctionName"]))
          ? SELF_CONTAINED_ROLE
          : roleIdOf({ key });
        expect(roleOf(one)).toEqual({ "Fn::GetAtt": [role, "Arn"] });
      }
    }
  });

  test("are to read secrets, which are nowhere in clear", () => {
    expect(Object.keys(references)).toEqual(["SECRET_KEY", "SANDBOX_SECRET"]);
    for (const name of Object.keys(references)) {
      const secret = process.env[name] ?? "";
      expect(secret.length).toBeGreaterThanOrEqual(32);
      expect(text).not.toContain(secret);
    }
  });

  test("and secrets go together: functions without data have no secret in their environment", () => {
    for (const { Properties } of functions) {
      const { Variables } = variables.parse(Properties["Environment"]);
      const isSelfContained = SELF_CONTAINED.test(String(Properties["FunctionName"]));
      expect(Variables["SECRET_KEY"]).toBe(isSelfContained ? undefined : references["SECRET_KEY"]);
      if (isSelfContained) expect(Object.keys(Variables).join()).not.toMatch(/SECRET|PASSWORD|KEY|SMTP/);
    }
  });
});
