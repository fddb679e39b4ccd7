import { describe, expect, test } from "@jest/globals";
import { settingNames } from "../functions/settings.ts";
import { CORS } from "../lib/http/cors.ts";
import { deploymentProblems, httpApiCors } from "./deployed-settings.ts";

const KEY = { SECRET_KEY: "k3".repeat(16) };
const REFERENCE = "ssm:/a";

/** Names of the settings that are complained of. */
const named = (env: Readonly<Record<string, string>>): readonly (string | undefined)[] =>
  deploymentProblems({ ...KEY, ...env }).map((line) => line.split(" ")[0]);

describe("what is packaged", () => {
  test("needs a SECRET_KEY that cannot be guessed, or a reference to one", () => {
    expect(deploymentProblems(KEY)).toEqual([]);
    expect(deploymentProblems({ SECRET_KEY: REFERENCE })).toEqual([]);
    for (const SECRET_KEY of ["", "short", "k".repeat(31)])
      expect(deploymentProblems({ SECRET_KEY })).toEqual([expect.stringMatching(/^SECRET_KEY must be set/)]);
  });

  test.each<[string, string]>([
    ["SECRET_KEY_FALLBACKS", `${"k".repeat(32)},short`],
    ["ALLOWED_HOSTS", "https://shop.example"],
    ["CORS_ORIGINS", "*"],
    ["CORS_ORIGINS", "https://shop.example/"],
    ["JWKS_URL", "id.example"],
    ["TOKEN_MAX_MINUTES", "0"],
    ["SMTP_URL", "mail.example"],
    ["MAIL_FROM", "shop"],
    ["NACOS_SERVER", "nacos.example:0"],
    ["NACOS_NAMESPACE", "a b"],
    ["NACOS_API", "v2"],
    ["ORDER_EXPIRY_MINUTES", "soon"],
    ["DB_NAME", "a"],
    ["LOG_LEVEL", "loud"],
    ["ORDER_SERVICE_PORT", "0"],
    ["SANDBOX_SECRET", "a"],
    ["PAYMENT_CALLBACK_BASE_URL", "shop.example"],
    ["ALIPAY_GATEWAY", "openapi.example"],
    ["ALIPAY_CHECKOUT", "popup"],
    ["WECHAT_PAY_API_V3_KEY", REFERENCE.slice(1)],
    ["SECRET_KEY", "ssm:a"],
    ["SECRET_KEY", "secretsmanager:"],
    ["SECRET_KEY", "{{resolve:ssm:/a}}"],
    ["SECRET_KEY_FALLBACKS", "ssm:/a,ssm:b"],
    ["SMTP_URL", "{{resolve:secretsmanager:mail}}"],
    ["LOG_LEVEL", REFERENCE],
    ["JWKS_URL", REFERENCE],
    ["DB_PASSWORD", REFERENCE],
    ["SECRETS_KMS_KEY_ARN", "alias/cfmp"],
    ["ALARM_TOPIC_ARN", "on-call"],
  ])("is refused where %s is %s, which names it first", (name, value) => {
    expect(named({ [name]: value })).toContain(name);
  });

  test("is refused for each setting that lacks its others", () => {
    expect(named({ NACOS_USERNAME: "a", NACOS_PASSWORD: "", DB_PASSWORD: "p", ALIPAY_APP_ID: "1" })).toEqual([
      "NACOS_PASSWORD",
      "DB_USER",
      "ALIPAY_PRIVATE_KEY",
      "ALIPAY_PUBLIC_KEY",
    ]);
  });

  test("may have references for what is secret, whose text nobody knows yet", () => {
    const provider = { ALIPAY_APP_ID: "1", ALIPAY_PRIVATE_KEY: REFERENCE, ALIPAY_PUBLIC_KEY: REFERENCE };
    expect(named({ SANDBOX_SECRET: REFERENCE, SMTP_URL: REFERENCE, ...provider })).toEqual([]);
    expect(named({ SECRET_KEY_FALLBACKS: "ssm:/a, secretsmanager:cfmp#old" })).toEqual([]);
    expect(named({ SECRETS_KMS_KEY_ARN: "arn:aws-cn:kms:cn-north-1:123456789012:key/0e1f" })).toEqual([]);
    expect(named({ ALARM_TOPIC_ARN: "arn:aws-cn:sns:cn-north-1:123456789012:on-call" })).toEqual([]);
  });

  test("needs no address for callbacks: that is the stack's, whatever .env says of this machine", () => {
    const PAYMENT_SERVICE_URL = "no URL";
    const provider = { ALIPAY_APP_ID: "1", ALIPAY_PRIVATE_KEY: REFERENCE, ALIPAY_PUBLIC_KEY: REFERENCE };
    expect(named({ PAYMENT_SERVICE_URL, ...provider })).toEqual([]);
  });

  test("takes no DEBUG with it", () => {
    expect(named({ DEBUG: "True", SANDBOX_SECRET: "a" })).toEqual(["SANDBOX_SECRET"]);
  });

  test("has no files of this machine", () => {
    const files = Object.fromEntries(settingNames.map((name) => [name, "file:/etc/hostname"]));
    const complaints = deploymentProblems(files).filter((line) => line.includes("names a file"));
    expect(complaints.map((line) => line.split(" ")[0])).toEqual(settingNames);
  });

  test("all problems are named at once, each with its setting first, and no secret is shown", () => {
    const hidden = "hunter2";
    const settings = Object.fromEntries(settingNames.map((name) => [name, `${hidden} ${name} \\ ://`]));
    const problems = deploymentProblems(settings);
    expect(problems.length).toBeGreaterThan(20);
    for (const line of problems) {
      expect(settingNames).toContain(line.split(" ")[0]);
      if (/SECRET|PASSWORD|KEY|SMTP_URL/.test(line.split(" ")[0] ?? "")) expect(line).not.toContain(hidden);
    }
  });
});

describe("CORS on AWS", () => {
  test("is for the origins of CORS_ORIGINS alone, and allows what the listeners of this machine allow", () => {
    expect(httpApiCors({ CORS_ORIGINS: "https://shop.example, http://localhost:3000" })).toEqual({
      allowedOrigins: ["https://shop.example", "http://localhost:3000"],
      allowedMethods: CORS.methods,
      allowedHeaders: CORS.headers,
      exposedResponseHeaders: CORS.exposedHeaders,
      maxAge: CORS.maxAgeSeconds,
    });
  });

  test.each([undefined, "", " , ", "*", "null", "ftp://shop.example"])(
    "is off where CORS_ORIGINS is %j",
    (CORS_ORIGINS) => {
      expect(httpApiCors({ CORS_ORIGINS })).toBe(false);
    },
  );
});
