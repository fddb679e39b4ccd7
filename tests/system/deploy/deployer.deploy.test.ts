// Who deploys with the policies of build/deployer-policy.yml alone: all that is needed is there, and what is taken out is missed.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { awsRequest } from "../../../lib/core/aws-request.ts";
import { until } from "../../support/poll.ts";
import { mustServerless, serverless } from "./serverless-cli.ts";

const STAGE = "deployer";
const POLICY = readFileSync(
  join(import.meta.dirname, "..", "..", "..", "build", "deployer-policy.yml"),
  "utf8",
);

/** One action of an API with query parameters; the reply's XML. @throws when it is refused. */
async function query(service: string, version: string, parameters: Readonly<Record<string, string>>) {
  const { status, body } = await awsRequest({
    service,
    path: "/",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ Version: version, ...parameters }).toString(),
    timeoutMs: 30_000,
  });
  if (status !== 200) throw new Error(`${parameters["Action"]} was answered ${status}: ${body}`);
  return (element: string) => new RegExp(`<${element}>([^<]*)<`).exec(body)?.[1] ?? "";
}
const cloudFormation = (Action: string, parameters: Readonly<Record<string, string>>) =>
  query("cloudformation", "2010-05-15", { Action, ...parameters });
const iam = (Action: string, parameters: Readonly<Record<string, string>>) =>
  query("iam", "2010-05-08", { Action, ...parameters });

/** Makes the stack of the policies, `text`, and a user with them and nothing else; what makes commands run as that user. */
async function deployer(name: string, text: string) {
  await cloudFormation("CreateStack", {
    StackName: name,
    TemplateBody: text,
    "Parameters.member.1.ParameterKey": "Stage",
    "Parameters.member.1.ParameterValue": STAGE,
    "Capabilities.member.1": "CAPABILITY_NAMED_IAM",
  });
  const policies = await until("the policies are there", async () => {
    const stack = await cloudFormation("DescribeStacks", { StackName: name });
    return stack("StackStatus") === "CREATE_COMPLETE" && stack("OutputValue").split(" ");
  });
  await iam("CreateUser", { UserName: name });
  for (const PolicyArn of policies) await iam("AttachUserPolicy", { UserName: name, PolicyArn });
  const key = await iam("CreateAccessKey", { UserName: name });
  return {
    environment: {
      ...process.env,
      AWS_ACCESS_KEY_ID: key("AccessKeyId"),
      AWS_SECRET_ACCESS_KEY: key("SecretAccessKey"),
      SECRET_KEY: "ssm:/cfmp-order/test/secret-key",
      SANDBOX_SECRET: "",
      SMTP_URL: "",
      CORS_ORIGINS: "",
      CALLBACK_CONCURRENCY: "5",
      DOMAIN_NAME: "api.shop.example",
      CERTIFICATE_ARN: "arn:aws:acm:us-east-1:000000000000:certificate/1a-2b",
      DB_NAME: "cfmp-order",
      // Its functions are never run.
      NODE_OPTIONS: ["no-bundles.cjs", "behind-tls.cjs"]
        .map((name) => `--require=${join(import.meta.dirname, name)}`)
        .join(" "),
    },
    async remove() {
      for (const PolicyArn of policies) await iam("DetachUserPolicy", { UserName: name, PolicyArn });
      await iam("DeleteAccessKey", { UserName: name, AccessKeyId: key("AccessKeyId") });
      await iam("DeleteUser", { UserName: name });
      await cloudFormation("DeleteStack", { StackName: name });
      await until("the policies are gone", async () => {
        const stack = await cloudFormation("DescribeStacks", { StackName: name }).catch(() => undefined);
        return stack === undefined || stack("StackStatus") === "DELETE_COMPLETE";
      });
    },
  };
}

test.each(["cloudformation:ExecuteChangeSet", "s3:PutObject"])(
  "without %s a deployment ends with its name",
  async (action) => {
    const line = new RegExp(`^ *- ${action}\n`, "m");
    expect(POLICY).toMatch(line);
    const { environment, remove } = await deployer("too-little", POLICY.replace(line, ""));
    try {
      const { code, output } = await serverless(["deploy", "--stage", STAGE], environment);
      expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(action) });
    } finally {
      await serverless(["remove", "--stage", STAGE], { ...environment, ...process.env });
      await remove();
    }
  },
  300_000,
);

test("with them a stage is deployed, deployed again, shown and removed", async () => {
  const { environment, remove } = await deployer("enough", POLICY);
  const command = (name: string) => mustServerless([name, "--stage", STAGE], environment);
  try {
    await command("deploy");
    expect(await command("info")).toContain("execute-api");
    await mustServerless(["deploy", "--stage", STAGE, "--force"], { ...environment, LOG_LEVEL: "warn" });
    await command("remove");
  } finally {
    await remove();
  }
}, 300_000);

test("of another stage they allow nothing", async () => {
  const { environment, remove } = await deployer("another", POLICY);
  try {
    const { code, output } = await serverless(["deploy", "--stage", "prod"], environment);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("not authorized") });
  } finally {
    await remove();
  }
}, 300_000);
