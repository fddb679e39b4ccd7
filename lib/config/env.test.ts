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

  test("lists are split at commas, without blanks", () => {
    expect(loadConfig({ ALLOWED_HOSTS: " a.example, ,.b.example " }).ALLOWED_HOSTS).toEqual([
      "a.example",
      ".b.example",
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
    ["NACOS_SERVER", "127.0.0.1:99999"],
    ["NACOS_SERVER", "ftp://127.0.0.1"],
    ["NACOS_SERVER", "https://nacos.example/nacos"],
    ["NACOS_CA", "nacos-ca.pem"],
    ["NACOS_CA", "file:/nowhere/ca.pem"],
    ["DB_ENGINE", "mysql"],
    ["DB_NAME", "a"],
    ["LOG_LEVEL", "verbose"],
    ["JWKS_URL", "not a url"],
    ["ORDER_EXPIRY_MINUTES", "0"],
  ])("%s=%s is refused, by name", (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).toContain(JSON.stringify(value));
  });

  test("https:// in NACOS_SERVER is kept, and what is left out is filled in", () => {
    const server = (NACOS_SERVER: string) => loadConfig({ NACOS_SERVER }).NACOS_SERVER;
    expect(server("https://nacos.example:8443")).toBe("https://nacos.example:8443");
    expect(server("https://nacos.example")).toBe("https://nacos.example:443");
    expect(server("http://nacos.example")).toBe("nacos.example:8848");
    expect(server("nacos")).toBe("nacos:8848");
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
