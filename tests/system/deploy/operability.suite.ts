// What the template has for those who operate the stack: logs, limits, names and tags.

import { beforeAll, describe, expect, test } from "@jest/globals";
import { functionOf, serverlessFunctions } from "../../../build/functions.ts";
import { routeKeys } from "../../../build/http-api.ts";
import { services } from "../../../functions/services.ts";
import { renderedTemplate } from "./rendered-template.ts";
import { serverless } from "./serverless-cli.ts";

let plain: Awaited<ReturnType<typeof renderedTemplate>>;
let set: typeof plain;
beforeAll(async () => {
  plain = await renderedTemplate();
  set = await renderedTemplate({
    LOG_RETENTION_DAYS: "90",
    ROUTE_RATE_LIMIT: "70",
    CALLBACK_CONCURRENCY: "20",
    RELAY_CONCURRENCY: "5",
  });
}, 240_000);

const functions = serverlessFunctions(services, "aws");
const stageOf = ({ resources }: typeof plain) => resources["HttpApiStage"];

describe("logs", () => {
  test("are one group for each service, one for functions without data, and one of requests", () => {
    const names = plain.ofType("AWS::Logs::LogGroup").map(({ Properties }) => Properties["LogGroupName"]);
    expect(names.sort()).toEqual(
      [
        "/aws/http-api/cfmp-order-test",
        "/aws/lambda/cfmp-order-test-self-contained",
        ...services.map(({ key }) => `/aws/lambda/cfmp-order-test-${key}`),
      ].sort(),
    );
  });

  test.each(["30", "90"])("are kept for %s days, as it is set", (days) => {
    const groups = (days === "30" ? plain : set).ofType("AWS::Logs::LogGroup");
    expect(groups.map(({ Properties }) => Properties["RetentionInDays"])).toEqual(
      groups.map(() => Number(days)),
    );
  });

  test("of functions go to the group that their role may write", () => {
    for (const { Properties } of plain.ofType("AWS::Lambda::Function")) {
      const [role] = Object(Properties["Role"])["Fn::GetAtt"];
      const id = `${role.replace(/Role$/, "")}Logs`;
      const group = plain.resources[id]?.Properties["LogGroupName"];
      expect(Properties["LoggingConfig"]).toEqual({ LogGroup: group });
      expect(JSON.stringify(plain.resources[role]?.Properties["Policies"])).toContain(`"${id}","Arn"`);
    }
  });

  test("of requests are JSON, with the id that the function logs, and without headers, query and body", () => {
    const { DestinationArn, Format } = Object(stageOf(plain)?.Properties["AccessLogSettings"]);
    expect(DestinationArn).toEqual({ "Fn::GetAtt": ["HttpApiLogGroup", "Arn"] });
    const fields = JSON.parse(Format);
    expect(fields).toMatchObject({
      request_id: "$context.integration.requestId",
      status: "$context.status",
      route: "$context.routeKey",
    });
    // What API Gateway puts in is text without quotes and line breaks; a user agent, say, may be anything.
    expect(Format).not.toMatch(/header|query|body|authoriz|userAgent|messageString/i);
    for (const variable of Object.values(fields)) expect(variable).toMatch(/^\$context\.[\w.]+$/);
  });
});

describe("limits", () => {
  test("are those of each route; routes that need no token have a tenth", () => {
    const withoutSlash = (key: string) => key.replace(/(?<=.)\/$/, "");
    const open = new Set(
      services.flatMap((service) => {
        const { key, contract } = service;
        const keysOf = (name: string) => functions[name]?.events.flatMap(routeKeys) ?? [];
        const ofRoutes = Object.values(contract.routes).flatMap((route) => {
          if (route.access !== "public") return [];
          const method = route.method === "GET" ? "ANY" : route.method;
          const own = [`${method} ${route.path}`, `${method} /${key}${route.path}`].map(withoutSlash);
          return keysOf(functionOf(service, route, "aws")).filter((one) => own.includes(withoutSlash(one)));
        });
        return [...keysOf(`${key}-fallback`), ...ofRoutes];
      }),
    );
    expect(open.size).toBeGreaterThanOrEqual(services.length * 8);
    const { DefaultRouteSettings, RouteSettings } = stageOf(set)?.Properties ?? {};
    expect(DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 70, ThrottlingBurstLimit: 140 });
    expect(RouteSettings).toEqual(
      Object.fromEntries([...open].map((key) => [key, { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 14 }])),
    );
    expect(stageOf(plain)?.Properties["DefaultRouteSettings"]).toMatchObject({ ThrottlingRateLimit: 500 });
  });

  test("of a route are set when it is there", () => {
    const stage = stageOf(plain);
    const needed = Object.keys(Object(stage?.Properties["RouteSettings"]));
    const waitedFor = [stage?.DependsOn ?? []]
      .flat()
      .map((id) => plain.resources[id]?.Properties["RouteKey"])
      .filter((key) => key !== undefined);
    expect(waitedFor.sort()).toEqual(needed.sort());
  });

  test("of executions at once are those of callbacks and relays, where they are set", () => {
    const limitsOf = (one: typeof plain) =>
      Object.fromEntries(
        one
          .ofType("AWS::Lambda::Function")
          .filter(({ Properties }) => "ReservedConcurrentExecutions" in Properties)
          .map(({ Properties }) => [Properties["FunctionName"], Properties["ReservedConcurrentExecutions"]]),
      );
    expect(limitsOf(plain)).toEqual({});
    const relays = services.flatMap((service) => service.relays.map(({ name }) => name));
    expect(limitsOf(set)).toEqual({
      "cfmp-order-test-payments-callback": 20,
      ...Object.fromEntries(relays.map((name) => [`cfmp-order-test-${name}`, 5])),
    });
  });
});

describe("the HTTP API", () => {
  test("runs the functions of its routes by one role, which names them", () => {
    const integrations = plain
      .ofType("AWS::ApiGatewayV2::Integration")
      .filter(({ Properties }) => Object(Properties["ApiId"])["Ref"] === "HttpApi");
    const names = Object.entries(functions).flatMap(([name, { events }]) =>
      events.some((event) => "httpApi" in event) ? [name] : [],
    );
    expect(integrations).toHaveLength(names.length);
    for (const { Properties } of integrations)
      expect(Properties["CredentialsArn"]).toEqual({ "Fn::GetAtt": ["HttpApiRole", "Arn"] });
    const [policy] = Object(plain.resources["HttpApiRole"]?.Properties["Policies"]);
    const [{ Action, Resource }, ...more] = policy.PolicyDocument.Statement;
    expect([Action, more]).toEqual([["lambda:InvokeFunction"], []]);
    const allowed = Resource.map((one: object) => JSON.stringify(one).match(/:function:([\w-]+)/)?.[1]);
    expect(allowed).toEqual(names.map((name) => `cfmp-order-test-${name}`));
  });

  test("costs a public route one function, one integration, and a path with and without a slash", () => {
    const ids = Object.keys(plain.resources).filter((id) => /OrdersDashorderStats|OrdersStats/.test(id));
    expect(ids.map((id) => plain.resources[id]?.Type).sort()).toEqual([
      "AWS::ApiGatewayV2::Integration",
      "AWS::ApiGatewayV2::Route",
      "AWS::ApiGatewayV2::Route",
      "AWS::Lambda::Function",
    ]);
  });
});

test("each function may be run by what is of this stack alone, and nobody else has its archives", () => {
  const permissions = plain.ofType("AWS::Lambda::Permission");
  expect(permissions.length).toBeGreaterThan(services.length);
  for (const { Properties } of permissions) expect(Properties).toHaveProperty("SourceArn");
  const ofSockets = permissions.filter(({ Properties }) =>
    JSON.stringify(Properties["SourceArn"]).includes(`\${WebsocketsApi}/*`),
  );
  expect(ofSockets).toHaveLength(services.flatMap(({ sockets }) => sockets?.functions ?? []).length);
  expect(plain.resources["ServerlessDeploymentBucket"]?.Properties).toMatchObject({
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
});

describe("names and tags", () => {
  test("say whose they are: functions, schedules, roles and APIs begin with service and stage", () => {
    const nameOf = {
      "AWS::Events::Rule": "Name",
      "AWS::ApiGatewayV2::Api": "Name",
      "AWS::IAM::Role": "RoleName",
    };
    for (const [type, member] of Object.entries(nameOf)) {
      const found = plain.ofType(type);
      expect(found.length).toBeGreaterThan(0);
      for (const { Properties } of found) {
        const name = Properties[member];
        expect(typeof name === "string" ? name : Object(name)["Fn::Sub"]).toMatch(/^cfmp-order-test/);
      }
    }
  });

  test("are those of the whole stack, with one's own beside them", async () => {
    const settings = { ...process.env, SECRET_KEY: "k3".repeat(16), TAGS: "team=shop, cost-center=42" };
    const { stdout } = await serverless(
      ["print", "--stage", "prod", "--path", "provider.stackTags"],
      settings,
    );
    expect(stdout.trim().split("\n").sort()).toEqual([
      "cost-center: '42'",
      "service: cfmp-order",
      "stage: prod",
      "team: shop",
    ]);
  }, 120_000);
});
