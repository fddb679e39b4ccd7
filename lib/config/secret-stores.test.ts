import { describe, expect, test } from "@jest/globals";
import * as z from "zod";
import type { AwsRequest } from "../core/aws-request.ts";
import { readSecrets } from "./secret-stores.ts";

type Reply = { readonly status: number; readonly body: string };
const reply = (status: number, body: object): Reply => ({ status, body: JSON.stringify(body) });
const named = z.object({ Name: z.string() });

/** A store that gives each of `replies` once, the last one for ever. */
function store(...replies: readonly (() => Reply)[]) {
  const requests: AwsRequest[] = [];
  const left = [...replies];
  const send = async (request: AwsRequest) => {
    requests.push(request);
    const next = left.length > 1 ? left.shift() : left[0];
    if (next === undefined) throw new Error("no reply");
    return next();
  };
  return { requests, send };
}

const parameter = (Value: string) => reply(200, { Parameter: { Type: "SecureString", Value } });

describe("parameters", () => {
  test("are read decrypted, each once", async () => {
    const requests: AwsRequest[] = [];
    const values = await readSecrets(["ssm:/p/0", "ssm:/p/1", "ssm:/p/0"], async (request) => {
      requests.push(request);
      return parameter(`value of ${named.parse(JSON.parse(request.body)).Name}`);
    });
    expect(requests).toHaveLength(2);
    expect(requests[0]).toMatchObject({
      service: "ssm",
      headers: { "x-amz-target": "AmazonSSM.GetParameter" },
      body: '{"Name":"/p/0","WithDecryption":true}',
    });
    expect([...values]).toEqual([
      ["ssm:/p/0", "value of /p/0"],
      ["ssm:/p/1", "value of /p/1"],
    ]);
  });

  test("that do not exist are named", async () => {
    const { send } = store(() => reply(400, { __type: "ParameterNotFound" }));
    await expect(readSecrets(["ssm:/p"], send)).rejects.toMatchObject({
      code: "secret_unreadable",
      message: "ssm:/p can't be read: ssm answered 400 ParameterNotFound",
    });
  });
});

describe("secrets", () => {
  test("are read once for all their members", async () => {
    const { send, requests } = store(() => reply(200, { SecretString: '{"a":"one","b":"two"}' }));
    const values = await readSecrets(["secretsmanager:s#a", "secretsmanager:s#b", "secretsmanager:s"], send);
    expect([...values.values()]).toEqual(["one", "two", '{"a":"one","b":"two"}']);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      service: "secretsmanager",
      headers: { "x-amz-target": "secretsmanager.GetSecretValue" },
      body: '{"SecretId":"s"}',
    });
  });

  test.each([
    ["secretsmanager:s#c", { SecretString: '{"a":"hunter2","c":1}' }],
    ["secretsmanager:s#toString", { SecretString: '{"a":"hunter2"}' }],
    ["secretsmanager:s#a", { SecretString: "hunter2" }],
    ["secretsmanager:s", { SecretBinary: "AAAA" }],
  ])("%s is refused where the secret is %j, without its text", async (reference, body) => {
    const reading = readSecrets([reference], store(() => reply(200, body)).send);
    await expect(reading).rejects.toThrow(`${reference} can't be read: the secret is `);
    await expect(reading).rejects.not.toThrow(/hunter2/);
  });
});

describe("a store", () => {
  const throttled = () => reply(400, { __type: "com.amazonaws.ssm#ThrottlingException" });
  const broken = (): Reply => {
    throw new Error("other side closed");
  };
  const found = () => parameter("v");

  test("that can't serve now, or whose connection breaks, is asked again", async () => {
    const { send, requests } = store(throttled, broken, found);
    expect(await readSecrets(["ssm:/p"], send)).toEqual(new Map([["ssm:/p", "v"]]));
    expect(requests).toHaveLength(3);
  });

  test("is asked three times, and then named with what it answered", async () => {
    const { send, requests } = store(throttled);
    await expect(readSecrets(["ssm:/p"], send)).rejects.toThrow(
      "ssm:/p can't be read: ssm answered 400 ThrottlingException",
    );
    expect(requests).toHaveLength(3);
  });

  test("that refuses is not asked again", async () => {
    const { send, requests } = store(() =>
      reply(400, { __type: "AccessDeniedException", Message: "user x" }),
    );
    await expect(readSecrets(["secretsmanager:s"], send)).rejects.toThrow(
      /^secretsmanager:s can't be read: secretsmanager answered 400 AccessDeniedException$/,
    );
    expect(requests).toHaveLength(1);
  });
});
