import { describe, expect, test } from "@jest/globals";
import { onLambda } from "../core/on-lambda.ts";
import { ConfigError, loadConfig } from "./env.ts";

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe("the environment", () => {
  test("that is empty gives the defaults, and DEBUG is off", () => {
    expect(loadConfig({})).toMatchObject({
      DEBUG: false,
      HOST: "127.0.0.1",
      DB_PORT: 4567,
      DB_NAME: "cfmp-order",
      ALLOWED_HOSTS: [],
    });
  });

  test.each(["True", "true", "1", "on"])("DEBUG=%s is on", (DEBUG) => {
    expect(loadConfig({ DEBUG }).DEBUG).toBe(true);
  });

  test.each(["False", "false", "0", "off", ""])("DEBUG=%s is off", (DEBUG) => {
    expect(loadConfig({ DEBUG }).DEBUG).toBe(false);
  });

  test("outside DEBUG no secret can be guessed, whoever it is for", () => {
    const problem = "ANY_SECRET must have at least 32 characters with DEBUG=False";
    expect(problemsOf({ ANY_SECRET: "a" })).toEqual([problem]);
    expect(problemsOf({ ANY_SECRET: "a", DEBUG: "True" })).toEqual([]);
    expect(problemsOf({ ANY_SECRET: "k".repeat(16), NO_SECRET: "", SECRETS: "a" })).toEqual([]);
  });

  test("a base URL that nobody can send a request to is named, whoever sends it", () => {
    const problem =
      'ANY_BASE_URL must be a URL that begins with http:// or https:// (is "ftp://shop.example")';
    expect(problemsOf({ ANY_BASE_URL: "ftp://shop.example", OTHER_URL: "ftp://x" })).toEqual([problem]);
    expect(problemsOf({ ANY_BASE_URL: "https://shop.example/", NO_BASE_URL: "" })).toEqual([]);
  });

  test("an empty value is one that is not set", () => {
    expect(loadConfig({ DB_PORT: "", SECRET_KEY: "" })).toMatchObject({ DB_PORT: 4567 });
    expect(loadConfig({ SECRET_KEY: "" }).SECRET_KEY).toBeUndefined();
  });

  test.each(["off", "0"])("GATEWAY_PORT=%s is no port", (GATEWAY_PORT) => {
    expect(loadConfig({ GATEWAY_PORT }).GATEWAY_PORT).toBeUndefined();
    expect(loadConfig({}).GATEWAY_PORT).toBe(8000);
  });

  test.each(["off", ""])("NACOS_SERVER=%s is no registry", (NACOS_SERVER) => {
    expect(loadConfig({ NACOS_SERVER }).NACOS_SERVER).toBeUndefined();
  });

  test("hosts that are allowed are split at commas, without blanks, brackets and upper case", () => {
    const ALLOWED_HOSTS = " A.example, ,.B.example,*,[FD00::1],10.0.0.7 ";
    expect(loadConfig({ ALLOWED_HOSTS }).ALLOWED_HOSTS).toEqual([
      "a.example",
      ".b.example",
      "*",
      "fd00::1",
      "10.0.0.7",
    ]);
  });

  test.each([
    ["DEBUG", "yes please"],
    ["DB_PORT", "0"],
    ["DB_PORT", "65536"],
    ["DB_PORT", "4567a"],
    ["DB_PORT", "-1"],
    ["GATEWAY_PORT", "65536"],
    ["GATEWAY_PORT", "no"],
    ["NACOS_SERVER", "a b"],
    ["NACOS_SERVER", "127.0.0.1:"],
    ["ALLOWED_HOSTS", "https://shop.example"],
    ["ALLOWED_HOSTS", "shop.example:443"],
    ["ALLOWED_HOSTS", "*.shop.example"],
    ["ALLOWED_HOSTS", "shop.example shop2.example"],
    ["HOST", "http://127.0.0.1"],
    ["HOST", "127.0.0.1:8001"],
    ["HOST", "999.0.0.1"],
    ["ADVERTISE_HOST", "http://10.0.0.1"],
    ["ADVERTISE_HOST", "10.0.0.1:8001"],
    ["ADVERTISE_HOST", "0.0.0.0"],
    ["GATEWAY_RATE_LIMIT", "-1"],
    ["NACOS_NAMESPACE", "a b"],
    ["NACOS_GROUP", "a@@b"],
    ["NACOS_CLUSTER", "a,b"],
    ["NACOS_API", "v2"],
    ["EMBEDDED_REGISTRY", "on"],
    ["DB_HOST", "http://127.0.0.1"],
    ["DB_HOST", "127.0.0.1:8000"],
    ["DB_PORT", "0"],
    ["JWKS_URL", "ftp://id.example/keys"],
    ["JWKS_URL", "id.example/keys"],
    ["JWKS_URL", "https:///keys"],
    ["TOKEN_MAX_MINUTES", "0"],
    ["MAIL_FROM", "shop"],
    ["MAIL_FROM", "Shop <shop@shop.example>\nBcc: a@b.example"],
    ["MAIL_SMTP_PORT", "0"],
    ["PAYMENT_EXPIRY_MINUTES", "-5"],
    ["OUTBOX_MAX_TRIES", "0"],
    ["OUTBOX_SHARDS", "0"],
    ["OUTBOX_SHARDS", "257"],
    ["NACOS_SERVER", "127.0.0.1:99999"],
    ["NACOS_SERVER", "ftp://127.0.0.1"],
    ["NACOS_SERVER", "https://nacos.example/nacos"],
    ["NACOS_CA", "nacos-ca.pem"],
    ["NACOS_CA", "file:/nowhere/ca.pem"],
    ["DB_ENGINE", "mysql"],
    ["DB_NAME", "a"],
    ["LOG_LEVEL", "verbose"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/?key=x"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/#x"],
    ["OTEL_TRACES_SAMPLER", "jaeger_remote"],
    ["OTEL_TRACES_SAMPLER_ARG", "10%"],
    ["OTEL_TRACES_SAMPLER_ARG", "1.5"],
    ["OTEL_TRACES_SAMPLER_ARG", "-0.1"],
    ["JWKS_URL", "not a url"],
    ["ORDER_EXPIRY_MINUTES", "0"],
  ])("%s=%s is refused, by name", (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).toContain(JSON.stringify(value));
  });

  test.each(["nothing", "two words=verysecret", "a=verysecret%0A"])(
    "OTEL_EXPORTER_OTLP_HEADERS=%s is refused, and not shown",
    (value) => {
      expect(problemsOf({ OTEL_EXPORTER_OTLP_HEADERS: value })).toEqual([
        "OTEL_EXPORTER_OTLP_HEADERS must be name=value, comma-separated, values percent-encoded, such as authorization=Bearer%20…",
      ]);
    },
  );

  test("https:// in NACOS_SERVER is kept, and what is left out is filled in", () => {
    const server = (NACOS_SERVER: string) => loadConfig({ NACOS_SERVER }).NACOS_SERVER;
    expect(server("https://nacos.example:8443")).toBe("https://nacos.example:8443");
    expect(server("https://nacos.example")).toBe("https://nacos.example:443");
    expect(server("http://nacos.example")).toBe("nacos.example:8848");
    expect(server("nacos")).toBe("nacos:8848");
  });

  test.each([
    ["NACOS_USERNAME", "NACOS_PASSWORD"],
    ["NACOS_PASSWORD", "NACOS_USERNAME"],
    ["DB_USER", "DB_PASSWORD"],
    ["DB_PASSWORD", "DB_USER"],
  ])("%s alone is refused, by the name of %s", (given, missing) => {
    expect(problemsOf({ [given]: "x" })).toEqual([`${missing} is missing: ${given} needs it`]);
    expect(problemsOf({ [given]: "x", [missing]: "y" })).toEqual([]);
  });

  test.each([
    ["SMTP_URL", "http://user:hunter2@mail.example:25"],
    ["SMTP_URL", "smtp://:25"],
    ["NACOS_SERVER", "nacos:hunter2@127.0.0.1:8848"],
    ["JWKS_URL", "https://nacos:hunter2@id.example/keys"],
  ])("%s=%s is refused without the password that is in it", (name, value) => {
    const [problem] = problemsOf({ [name]: value });
    expect(problem).toContain(name);
    expect(problem).not.toContain("hunter2");
  });

  test("a value that may hold a password is not repeated", () => {
    const [problem] = problemsOf({ SMTP_URL: "mail user:hunter2" });
    expect(problem).toContain("SMTP_URL");
    expect(problem).not.toContain("hunter2");
  });

  test("names everything that is wrong at once", () => {
    expect(problemsOf({ DEBUG: "maybe", DB_PORT: "x" })).toHaveLength(2);
  });
});

test("a process runs on Lambda if AWS says so, and the local runtime does not say otherwise", () => {
  expect(onLambda({ AWS_LAMBDA_FUNCTION_NAME: "f" })).toBe(true);
  expect(onLambda({ AWS_LAMBDA_FUNCTION_NAME: "f", IS_OFFLINE: "true" })).toBe(false);
  expect(onLambda({})).toBe(false);
});
