import { expect, test } from "@jest/globals";
import { services } from "../functions/services.ts";
import { urlVariable } from "../lib/core/service-name.ts";
import { awsEnvironment, liveParameter } from "./environment.ts";
import { serverlessFunctions } from "./functions.ts";

const STACK = { "Fn::GetAtt": ["HttpApi", "ApiEndpoint"] };
const [first, ...others] = services;
if (first === undefined) throw new Error("There is no service");
const another = { ...first, key: "another", contract: { ...first.contract, service: "AnotherService" } };

test("every function finds every service at the stack's own URL, however many there are", () => {
  const environments = awsEnvironment([...services, another], {});
  expect([...environments.keys()]).toEqual([...services.map(({ key }) => key), "another"]);
  for (const environment of environments.values()) {
    for (const { contract } of services) expect(environment[urlVariable(contract.service)]).toEqual(STACK);
    expect(environment["ANOTHER_SERVICE_URL"]).toEqual(STACK);
    expect(environment).toMatchObject({
      ORDER_SERVICE_FUNCTIONS: "orders-",
      ANOTHER_SERVICE_FUNCTIONS: "another-",
    });
  }
});

test("settings of one service reach its functions alone, and only where they are set", () => {
  const env = { TEA: "green", CUP: "", POT: "big" };
  const environments = awsEnvironment(
    [{ ...first, settings: { names: ["TEA", "CUP"], problems: () => [] } }, ...others],
    env,
  );
  expect(environments.get(first.key)).toMatchObject({ TEA: "green" });
  expect(environments.get(first.key)).not.toHaveProperty("CUP");
  for (const { key } of others) expect(environments.get(key)).not.toHaveProperty("TEA");
});

test("every service gets the keys that all share, and mail's settings only who sends mail", () => {
  const env = { SECRET_KEY: "k", SECRET_KEY_FALLBACKS: "o", SMTP_URL: "smtp://m", MAIL_FROM: "shop@m" };
  for (const [key, environment] of awsEnvironment(services, env)) {
    expect(environment).toMatchObject({ SECRET_KEY: "k", SECRET_KEY_FALLBACKS: "o" });
    for (const name of ["SMTP_URL", "MAIL_FROM"]) expect(name in environment).toBe(key === "notifications");
  }
});

test("functions that need no secret get none, nor where peers are", () => {
  const env = {
    SECRET_KEY: "k",
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://o",
    OTEL_EXPORTER_OTLP_HEADERS: "a=b",
    OTEL_TRACES_SAMPLER: "traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0.1",
  };
  const environments = awsEnvironment(services, env);
  const functions = serverlessFunctions(services, "aws", environments);
  for (const { key } of services) {
    expect(functions[`${key}-health`]?.environment).toEqual(environments.get(key));
    expect(functions[`${key}-health`]?.environment).toMatchObject(env);
    for (const name of ["pages", "fallback"])
      expect(functions[`${key}-${name}`]).not.toHaveProperty("environment");
  }
});

test.each([
  ["nacos.example:8848", true],
  ["https://nacos.example", true],
  ["127.0.0.1:8848", false],
  ["http://localhost:8848", false],
  ["HTTP://LocalHost:8848", false],
  ["[::1]:8848", false],
  ["nacos.localhost", false],
  ["localhost.example", true],
  ["off", false],
  ["", false],
])("a registry at %j is one for AWS: %p", (NACOS_SERVER, remote) => {
  const environment = awsEnvironment(services, { NACOS_SERVER, NACOS_GROUP: "shop" }).get(first.key);
  expect(environment?.["NACOS_SERVER"]).toBe(remote ? NACOS_SERVER : undefined);
  expect(environment?.["NACOS_GROUP"]).toBe(remote ? "shop" : undefined);
});

test("the live configuration is a parameter of the stage, another one or none as it is set, and Nacos' where there is one", () => {
  const own = `/\${self:service}-\${sls:stage}/live`;
  const of = (env: Record<string, string>) => awsEnvironment(services, env).get(first.key) ?? {};
  expect(of({})).toMatchObject({ LIVE_CONFIG_PARAMETER: own });
  expect(liveParameter(of({}), "shop-prod")).toBe("/shop-prod/live");
  expect(liveParameter(of({ LIVE_CONFIG_PARAMETER: "/shop/switches" }), "shop-prod")).toBe("/shop/switches");
  expect(of({ LIVE_CONFIG_PARAMETER: "off" })).toMatchObject({ LIVE_CONFIG_PARAMETER: "off" });
  expect(liveParameter(of({ LIVE_CONFIG_PARAMETER: "off" }), "shop-prod")).toBeUndefined();
  expect(of({ NACOS_SERVER: "nacos.example:8848" })).not.toHaveProperty("LIVE_CONFIG_PARAMETER");
});
