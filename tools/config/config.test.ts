// npm run config as a process, and a stand-in for AWS that has one stage's functions and parameters.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { awsRequest } from "../../lib/core/aws-request.ts";
import { listen, portOf } from "../../tests/support/free-ports.ts";
import { run } from "../../tests/support/run.ts";
import { parameterOf, publish, publishedText, withdraw } from "./parameter.ts";

const LIVE = "/cfmp-order-prod/live";
const root = join(import.meta.dirname, "..", "..");

let server: Server;
/** What the stand-in has: parameters by name, and the settings of the functions of each stage. */
let parameters: Map<string, string>;
let stages: Record<string, Record<string, string>>;
let calls: string[];

function answer(path: string, target: string, body: string): readonly [status: number, reply: object] {
  const [, stage] =
    /^\/2015-03-31\/functions\/cfmp-order-(\w+)-orders-health\/configuration$/.exec(path) ?? [];
  if (stage !== undefined) {
    const Variables = stages[stage];
    return Variables === undefined ? [404, { Type: "User" }] : [200, { Environment: { Variables } }];
  }
  const [, action = ""] = target.split(".");
  calls.push(action);
  const { Name, Value } = JSON.parse(body);
  if (action === "PutParameter") {
    parameters.set(Name, Value);
    return [200, { Version: 1 }];
  }
  if (!parameters.has(Name)) return [400, { __type: "ParameterNotFound" }];
  if (action === "GetParameter") return [200, { Parameter: { Value: parameters.get(Name) } }];
  parameters.delete(Name);
  return [200, {}];
}

let folder: string;
beforeAll(async () => {
  // Without a file .env.
  folder = mkdtempSync(join(tmpdir(), "cfmp-config-"));
  server = createServer((request, reply) => {
    let text = "";
    request.on("data", (part) => {
      text += part;
    });
    request.on("end", () => {
      const [status, body] = answer(request.url ?? "", String(request.headers["x-amz-target"] ?? ""), text);
      reply.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await listen(server);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  parameters = new Map();
  stages = { prod: { LIVE_CONFIG_PARAMETER: LIVE } };
  calls = [];
});

const config = (args: readonly string[], env: Record<string, string> = { AWS_ACCESS_KEY_ID: "a" }) =>
  run(join(root, "node_modules", ".bin", "node"), [join(root, "tools", "config", "main.ts"), ...args], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      AWS_ENDPOINT_URL: `http://127.0.0.1:${portOf(server)}`,
      AWS_SECRET_ACCESS_KEY: "b",
      AWS_REGION: "eu-west-1",
      ...env,
    },
  });

const lines = (text: string) => text.trimEnd().split("\n");

describe("npm run config", () => {
  test("sets the configuration of a stage, shows it, and leaves all to the environment again", async () => {
    const set = await config(["set", '{"payments_enabled": false}', "--stage", "prod"]);
    expect(set).toMatchObject({ code: 0, stdout: expect.stringContaining(`${LIVE} is set`) });
    expect([...parameters]).toEqual([[LIVE, '{"payments_enabled": false}']]);
    const shown = await config(["show", "--stage", "prod"]);
    expect(shown).toMatchObject({ code: 0, stdout: '{"payments_enabled": false}\n' });
    const cleared = await config(["clear", "--stage", "prod"]);
    expect(cleared).toMatchObject({ code: 0, stdout: expect.stringContaining(`${LIVE} is deleted`) });
    expect(parameters.size).toBe(0);
  });

  test("refuses what the functions would refuse, in a line for each setting, and asks AWS for nothing", async () => {
    const text = '{"payments_enabled": "no", "payment_enabled": false}';
    const { code, stderr } = await config(["set", text, "--stage", "prod"]);
    expect(code).toBe(1);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/^payments_enabled: /),
      expect.stringContaining("payment_enabled"),
    ]);
    expect(calls).toEqual([]);
  });

  test("says in one line that there is no such stage", async () => {
    const { code, stderr } = await config(["set", '{"payments_enabled":false}', "--stage", "prdo"]);
    expect(code).toBe(1);
    expect(lines(stderr)).toEqual([
      "There is no stage prdo in eu-west-1: no function is called cfmp-order-prdo-orders-health.",
    ]);
    expect(calls).toEqual([]);
  });

  test.each([
    [["set", "{}"]],
    [["set", "--stage", "prod"]],
    [["show", "all", "--stage", "prod"]],
    [["drop", "--stage", "prod"]],
  ])("shows how it is used: %j", async (args) => {
    const { code, stderr } = await config(args);
    expect(code).toBe(1);
    expect(stderr).toContain("Usage: npm run config -- show | set");
    expect(calls).toEqual([]);
  });

  test("without credentials says where the configuration is on this machine", async () => {
    const { code, stderr } = await config(["show", "--stage", "prod"], {});
    expect(code).toBe(1);
    expect(stderr).toContain(
      "AWS_ACCESS_KEY_ID is not set. On this machine the registry has the configuration",
    );
  });
});

/** What AWS answers, in the place of its APIs. */
const answering =
  (status: number, body: object): typeof awsRequest =>
  async () => ({ status, headers: {}, body: JSON.stringify(body) });

describe("the parameter of a stage", () => {
  const of = (variables: object) =>
    parameterOf("prod", answering(200, { Environment: { Variables: variables } }));

  test("is the one that its functions read", async () => {
    expect(await of({ LIVE_CONFIG_PARAMETER: "/shop/switches" })).toBe("/shop/switches");
  });

  test.each([
    [{ LIVE_CONFIG_PARAMETER: "off" }, "LIVE_CONFIG_PARAMETER is off there"],
    [{}, "LIVE_CONFIG_PARAMETER is not set there"],
    [{ NACOS_SERVER: "nacos.example:8848" }, "have their configuration from Nacos at nacos.example:8848"],
  ])("is none where they read none: %j", async (variables, reason) => {
    await expect(of(variables)).rejects.toThrow(reason);
  });

  test("that is not there is none to be deleted", async () => {
    expect(await withdraw(LIVE, answering(400, { __type: "ParameterNotFound" }))).toBe(false);
    expect(await withdraw(LIVE, answering(200, {}))).toBe(true);
  });

  test("that may not be read, set or deleted is an error with the permission that is missing", async () => {
    const denied = (action: string) =>
      answering(400, { __type: "AccessDeniedException", message: `not authorized to perform: ${action}` });
    await expect(parameterOf("prod", denied("lambda:GetFunctionConfiguration"))).rejects.toThrow(
      "AWS answered 400 to GetFunctionConfiguration: AccessDeniedException: not authorized to perform: lambda:",
    );
    await expect(publish(LIVE, "{}", denied("ssm:PutParameter"))).rejects.toThrow("ssm:PutParameter");
    await expect(withdraw(LIVE, denied("ssm:DeleteParameter"))).rejects.toThrow("ssm:DeleteParameter");
    await expect(publishedText(LIVE, denied("ssm:GetParameter"))).rejects.toThrow("AccessDeniedException");
  });
});
