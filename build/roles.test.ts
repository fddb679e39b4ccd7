import { describe, expect, test } from "@jest/globals";
import { services } from "../functions/services.ts";
import { holdsAggregates } from "../lib/storage/table-definition.ts";
import { awsEnvironment } from "./environment.ts";
import { functionOf, serverlessFunctions } from "./functions.ts";
import { logGroupId } from "./log-groups.ts";
import { isDeployed } from "./peer-routes.ts";
import { roleIdOf, SELF_CONTAINED_ROLE } from "./role-ids.ts";
import { roleResources } from "./roles.ts";
import type { Statement } from "./statement.ts";
import { tableId } from "./tables.ts";

const functions = serverlessFunctions(services, "aws");
const environments = awsEnvironment(services, {});
const roles = roleResources(services, { prefix: "shop-test", environments, secretsKey: "" });

const statementsOf = (role: string): readonly Statement[] =>
  roles[role]?.Properties.Policies[0].PolicyDocument.Statement ?? [];
const text = (value: unknown): string => JSON.stringify(value);

test("each function has a role, which exists: that of its service, or the one of self-contained functions", () => {
  expect(Object.keys(roles)).toEqual([...services.map(roleIdOf), SELF_CONTAINED_ROLE]);
  for (const service of services) {
    const { contract, key, relays } = service;
    const own = Object.values(contract.routes).filter(
      (route) => route.selfContained !== true && isDeployed(contract, route),
    );
    for (const name of [
      ...own.map((route) => functionOf(service, route, "aws")),
      ...relays.map((relay) => relay.name),
    ]) {
      expect(functions[name]?.role).toBe(roleIdOf(service));
    }
    for (const name of ["pages", "fallback"]) {
      expect(functions[`${key}-${name}`]?.role).toBe(SELF_CONTAINED_ROLE);
    }
  }
});

test("functions of this machine have no roles", () => {
  for (const definition of Object.values(serverlessFunctions(services, "local")))
    expect(definition).not.toHaveProperty("role");
});

describe.each(services)("the role of $contract.service", (service) => {
  const statements = statementsOf(roleIdOf(service));
  const others = services.filter((other) => other !== service);

  test("allows what its stores do with its tables and their indexes", () => {
    for (const table of service.tables) {
      const { name, indexes, keyIndexes, deletes } = table;
      const id = tableId(name);
      expect(statements.find(({ Sid }) => Sid === id)).toMatchObject({
        Action: [
          "dynamodb:GetItem",
          holdsAggregates(table) ? "dynamodb:PutItem" : "dynamodb:UpdateItem",
          ...(deletes === true ? ["dynamodb:DeleteItem"] : []),
        ],
        Resource: [{ "Fn::GetAtt": [id, "Arn"] }],
      });
      const names = [...indexes, ...keyIndexes].map((index) => index.name);
      const found = statements.find(({ Sid }) => Sid === `${id}Indexes`);
      expect(found?.Action ?? []).toEqual(names.length === 0 ? [] : ["dynamodb:Query"]);
      expect(found?.Resource ?? []).toEqual(
        names.map((index) => ({ "Fn::Sub": `\${${id}.Arn}/index/${index}` })),
      );
    }
  });

  test("allows nothing on tables, relays and logs of other services", () => {
    const own = text(statements);
    for (const { tables, relays, key } of others) {
      for (const { name } of tables) expect(own).not.toContain(`${tableId(name)}`);
      for (const { name } of relays) expect(own).not.toContain(name);
      expect(own).not.toContain(`"${logGroupId(roleIdOf({ key }))}"`);
    }
  });

  test("invokes the functions of routes that name it among their callers, and no other of its peers", () => {
    const names = services.flatMap(({ key, contract }) =>
      Object.values(contract.routes)
        .filter(
          ({ access, callers = [] }) =>
            access === "service" &&
            callers.includes(service.contract.service) &&
            contract.service !== service.contract.service,
        )
        .map(({ id }) => `function:shop-test-${key}-${id}`),
    );
    const peers = statements.find(({ Sid }) => Sid === "Peers");
    expect((peers?.Resource ?? []).map((one) => text(one).match(/function:[\w-]+/)?.[0])).toEqual(names);
    const all = statements.flatMap(({ Action }) => Action).filter((action) => action.startsWith("lambda:"));
    expect(all).toHaveLength(peers === undefined ? 1 : 2);
  });

  test("invokes its own relays, and keeps their failed runs", () => {
    const relays = service.relays.map(
      ({ name }) =>
        `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:shop-test-${name}`,
    );
    expect(statements.find(({ Sid }) => Sid === "Relays")).toMatchObject({
      Action: ["lambda:InvokeFunction"],
      Resource: relays.map((arn) => ({ "Fn::Sub": arn })),
    });
    expect(statements.find(({ Sid }) => Sid === "FailedRuns")).toMatchObject({
      Action: ["sqs:SendMessage"],
      Resource: [{ "Fn::GetAtt": ["RelayFailures", "Arn"] }],
    });
  });
});

test("the role of self-contained functions allows to write their logs, and nothing else", () => {
  const [logs, ...more] = statementsOf(SELF_CONTAINED_ROLE);
  expect(more).toEqual([]);
  expect(logs).toMatchObject({ Action: ["logs:CreateLogStream", "logs:PutLogEvents"] });
  expect(logs?.Resource).toEqual([{ "Fn::GetAtt": ["SelfContainedLogs", "Arn"] }]);
});

test("no role has a wildcard, be it an action or a resource, but for the ids of live connections", () => {
  for (const id of Object.keys(roles)) {
    const statements = statementsOf(id);
    expect(statements.length).toBeGreaterThan(0);
    expect(text(statements.filter(({ Sid }) => Sid !== "Connections"))).not.toContain("*");
  }
});

test("functions of a service with a WebSocket API may send on its connections, ask for them and close them, and others may not", () => {
  for (const service of services) {
    const found = statementsOf(roleIdOf(service)).find(({ Sid }) => Sid === "Connections");
    expect(found?.Action).toEqual(
      service.sockets === undefined ? undefined : ["execute-api:ManageConnections"],
    );
    const methods = [...text([found ?? []]).matchAll(/\/\*\/([A-Z]+)\/@connections\/\*/g)].map(
      ([, method]) => method,
    );
    expect(methods).toEqual(service.sockets === undefined ? [] : ["POST", "GET", "DELETE"]);
  }
});

test("a role's policy is within IAM's limit of 10,240 characters, with every reference at its longest", () => {
  const longest = `arn:aws-us-gov:dynamodb:ap-southeast-1:123456789012:${"x".repeat(100)}`;
  for (const id of Object.keys(roles)) {
    const filledIn = text(statementsOf(id))
      .replace(/\{"Fn::GetAtt":\[[^\]]*\]\}/g, text(longest))
      .replace(/\{"Fn::Sub":"[^"]*"\}/g, text(longest));
    expect(filledIn.length).toBeLessThan(10_240);
  }
});

test("functions read the parameter of the live configuration, and none where that is off", () => {
  const statementOf = (LIVE_CONFIG_PARAMETER: string) => {
    const options = { prefix: "shop-test", secretsKey: "" };
    const all = roleResources(services, {
      ...options,
      environments: awsEnvironment(services, { LIVE_CONFIG_PARAMETER }),
    });
    return services.map((service) =>
      all[roleIdOf(service)]?.Properties.Policies[0].PolicyDocument.Statement.find(
        ({ Sid }) => Sid === "LiveConfiguration",
      ),
    );
  };
  const arn = (name: string) =>
    `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${name}`;
  for (const [given, name] of [
    ["", "/shop-test/live"],
    ["/shop/switches", "/shop/switches"],
  ] as const)
    for (const one of statementOf(given))
      expect(one).toMatchObject({ Action: ["ssm:GetParameter"], Resource: [{ "Fn::Sub": arn(name) }] });
  expect(statementOf("off")).toEqual(services.map(() => undefined));
});

describe("secrets by reference", () => {
  const KEY = "arn:aws:kms:us-east-1:123456789012:key/0e1f";
  const env = {
    SECRET_KEY: "ssm:/cfmp/key",
    SECRET_KEY_FALLBACKS: "ssm:/cfmp/old,ssm:/cfmp/key",
    SMTP_URL: "secretsmanager:cfmp/mail",
    ALIPAY_PRIVATE_KEY: "secretsmanager:cfmp/alipay#private",
    ALIPAY_PUBLIC_KEY: "secretsmanager:cfmp/alipay#public",
    SANDBOX_SECRET: "secretsmanager:arn:aws:secretsmanager:us-east-1:123456789012:secret:sandbox-AbC123",
  };
  const grants = (secretsKey: string) => {
    const options = { prefix: "shop-test", environments: awsEnvironment(services, env), secretsKey };
    const all = roleResources(services, options);
    return (role: string) =>
      (all[role]?.Properties.Policies[0].PolicyDocument.Statement ?? []).filter(({ Sid }) =>
        ["Parameters", "Secrets", "SecretsKey"].includes(Sid),
      );
  };
  const arn = (service: string, resource: string) => ({
    "Fn::Sub": `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`,
  });
  const shared = {
    Sid: "Parameters",
    Effect: "Allow",
    Action: ["ssm:GetParameter"],
    Resource: [arn("ssm", "parameter/cfmp/key"), arn("ssm", "parameter/cfmp/old")],
  };
  const secrets = (...Resource: readonly unknown[]) => ({
    Sid: "Secrets",
    Effect: "Allow",
    Action: ["secretsmanager:GetSecretValue"],
    Resource,
  });

  test("are readable for the service whose settings refer to them alone, each once", () => {
    const of = grants("");
    expect(of("OrdersRole")).toEqual([shared]);
    expect(of("NotificationsRole")).toEqual([
      shared,
      secrets(arn("secretsmanager", "secret:cfmp/mail-??????")),
    ]);
    const [parameters, own, ...more] = of("PaymentsRole");
    expect([parameters, more]).toEqual([shared, []]);
    expect(new Set(own?.Resource)).toEqual(
      new Set([
        arn("secretsmanager", "secret:cfmp/alipay-??????"),
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:sandbox-AbC123",
      ]),
    );
    expect(of(SELF_CONTAINED_ROLE)).toEqual([]);
  });

  test("may be decrypted with the customer's own key, by those who read one", () => {
    const of = grants(KEY);
    expect(of("OrdersRole")).toContainEqual({
      Sid: "SecretsKey",
      Effect: "Allow",
      Action: ["kms:Decrypt"],
      Resource: [KEY],
    });
    expect(of(SELF_CONTAINED_ROLE)).toEqual([]);
  });
});

test("internal routes: PaymentService invokes three of OrderService, both one of NotificationService, which invokes none", () => {
  const peersOf = (role: string) =>
    text(statementsOf(role).find(({ Sid }) => Sid === "Peers") ?? {}).match(
      /(?<=shop-test-)(orders|payments|notifications)-\w+/g,
    ) ?? [];
  expect(peersOf("PaymentsRole").sort()).toEqual([
    "notifications-recordEvent",
    "orders-applyPaymentEvent",
    "orders-grantPaymentLease",
    "orders-readInternal",
  ]);
  expect(peersOf("OrdersRole")).toEqual(["notifications-recordEvent"]);
  expect(peersOf("NotificationsRole")).toEqual([]);
});
