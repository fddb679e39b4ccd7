// Regions of China and the government of the USA are partitions of their own: nothing may name another one, or the domain of one.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { renderedTemplate } from "./rendered-template.ts";
import { serverless } from "./serverless-cli.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const CERTIFICATE_ARN = "arn:aws-cn:acm:cn-north-1:123456789012:certificate/1a";
const DOMAIN = { DOMAIN_NAME: "api.shop.example", CERTIFICATE_ARN, HOSTED_ZONE_ID: "Z1" };

/** Services of AWS have these names in all partitions (https://docs.amazonaws.cn/en_us/aws/latest/userguide/iam.html). */
const PRINCIPALS = /"(lambda|apigateway|events)\.amazonaws\.com"/g;

test("the template for China has no ARN of another partition, and no domain of one", async () => {
  const { text, ofType } = await renderedTemplate(DOMAIN, { stage: "prod", region: "cn-north-1" });
  expect(text.match(/arn:aws(?!-cn)[\w-]*:/g)).toBeNull();
  expect(text.match(PRINCIPALS)?.length).toBeGreaterThan(5);
  expect(text.replace(PRINCIPALS, "")).not.toContain("amazonaws.com");
  expect(ofType("AWS::ApiGatewayV2::DomainName")).toHaveLength(1);
  expect(ofType("AWS::Route53::RecordSet")).toHaveLength(1);
}, 120_000);

test("a certificate of another partition is refused before anything is packaged", async () => {
  const { code, output } = await serverless(["package", "--stage", "prod", "--region", "us-east-1"], {
    ...process.env,
    ...DOMAIN,
    SECRET_KEY: "k3".repeat(16),
  });
  expect(code).toBe(1);
  expect(output).toContain("CERTIFICATE_ARN must be of a certificate in us-east-1 (arn:aws:acm:us-east-1:…)");
}, 120_000);

test("code that is deployed, or makes the template, knows the domains of AWS in one place alone", () => {
  const files = globSync(["lib/**/*.ts", "functions/**/*.ts", "build/*.{ts,js}"], { cwd: ROOT }).filter(
    (path) => !/\.test(-d)?\.ts$|\/test-/.test(path),
  );
  expect(files.length).toBeGreaterThan(300);
  const naming = files.filter((path) => {
    const code = readFileSync(join(ROOT, path), "utf8")
      .replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, "")
      .replaceAll(`\${service}.amazonaws.com`, "");
    return /amazonaws\.com|arn:aws:/.test(code);
  });
  // The second has the longest address that a function may be given, to count it.
  expect(naming.sort()).toEqual(["build/environment-size.ts", "lib/core/aws-endpoint.ts"]);
});
