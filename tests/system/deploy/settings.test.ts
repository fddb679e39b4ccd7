// What `serverless package` does with settings that could not work on AWS, as whoever deploys sees it.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { settingNames } from "../../../functions/settings.ts";
import { serverless } from "./serverless-cli.ts";

/** This process's environment without any setting; what is set to nothing, .env does not set either. */
const none = { ...process.env, ...Object.fromEntries(settingNames.map((name) => [name, ""])) };

const command = ["package", "--stage", "test", "--package", "node_modules/.cache/never-packaged"];

test("it packages nothing, and names each of them in a line, without a stack", async () => {
  const settings = { SECRET_KEY: "short", SANDBOX_SECRET: "a", CORS_ORIGINS: "*", ALIPAY_APP_ID: "1" };
  const { code, output } = await serverless(command, { ...none, ...settings });
  expect(code).toBe(1);
  const lines = output.split("\n").map((line) => line.trim());
  for (const name of [
    "SECRET_KEY",
    "SANDBOX_SECRET",
    "CORS_ORIGINS",
    "ALIPAY_PRIVATE_KEY",
    "ALIPAY_PUBLIC_KEY",
  ]) {
    expect(lines.filter((line) => line.startsWith(`${name} `))).toHaveLength(1);
  }
  expect(output).not.toMatch(/^\s+at /m);
});

test("it packages nothing whose environment is larger than Lambda takes, and says which settings are the largest", async () => {
  const ours = generateKeyPairSync("rsa", { modulusLength: 4_096 });
  const alipays = generateKeyPairSync("rsa", { modulusLength: 4_096 });
  const pem = { type: "pkcs8", format: "pem" } as const;
  const settings = {
    SECRET_KEY: randomBytes(48).toString("base64"),
    ALIPAY_APP_ID: "2021000000000001",
    ALIPAY_PRIVATE_KEY: ours.privateKey.export(pem).toString(),
    ALIPAY_PUBLIC_KEY: alipays.publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
  const { code, output } = await serverless(command, { ...none, ...settings });
  expect(code).toBe(1);
  const lines = output.split("\n").filter((line) => line.includes("Lambda takes 4096"));
  expect(lines).toEqual([
    expect.stringMatching(/The environment of payments-\S+ and \d+ more .*: ALIPAY_PRIVATE_KEY \(\d+\), /),
  ]);
  expect(output).not.toContain("PRIVATE KEY-----");
});

test("it shows the settings of API Gateway for CORS_ORIGINS", async () => {
  const shown = async (CORS_ORIGINS: string) =>
    (await serverless(["print", "--path", "provider.httpApi"], { ...none, CORS_ORIGINS })).stdout;
  expect(await shown("https://shop.example")).toMatch(/allowedOrigins:\s+- https:\/\/shop\.example\n/);
  expect(await shown("")).toContain("cors: false");
});
