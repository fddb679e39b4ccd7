import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "@jest/globals";
import { readReferencedSettings } from "./referenced-settings.ts";

/** SSM in a process of its own: reading is synchronous, so this one could not answer. */
const STORE = `
import { createServer } from "node:http";
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk)).on("end", () => {
    const known = { "/key": "k".repeat(40), "/old": "o".repeat(40) };
    const Value = known[JSON.parse(body).Name];
    const answer = Value === undefined ? { __type: "ParameterNotFound" } : { Parameter: { Value } };
    const signed = request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 Credential=id/");
    response.writeHead(signed && Value ? 200 : 400).end(JSON.stringify(answer));
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function store(): Promise<Record<string, string>> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", STORE], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  ends.push(() => child.kill("SIGKILL"));
  const [port] = await once(child.stdout, "data");
  return {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${String(port).trim()}`,
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
}

test("without references nothing is needed, and nothing changed", () => {
  const env = { SECRET_KEY: "k".repeat(32), UNSET: undefined };
  readReferencedSettings(env);
  expect(env).toEqual({ SECRET_KEY: "k".repeat(32), UNSET: undefined });
});

test("without keys of AWS a reference is refused in a line that names the setting", () => {
  expect(() => readReferencedSettings({ SECRET_KEY: "ssm:/key", SMTP_URL: "secretsmanager:mail" })).toThrow(
    expect.objectContaining({
      code: "secret_reference",
      message: expect.stringMatching(/AWS_ACCESS_KEY_ID.*\(SECRET_KEY, SMTP_URL\)\.$/),
    }),
  );
});

test("with keys of AWS, or of an emulator, each reference becomes its secret", async () => {
  const env: NodeJS.ProcessEnv = {
    ...(await store()),
    SECRET_KEY: "ssm:/key",
    SECRET_KEY_FALLBACKS: "ssm:/old,ssm:/key",
  };
  readReferencedSettings(env);
  expect(env).toMatchObject({
    SECRET_KEY: "k".repeat(40),
    SECRET_KEY_FALLBACKS: `${"o".repeat(40)},${"k".repeat(40)}`,
  });
});

test("what does not exist is named with its reason", async () => {
  const env = { ...(await store()), SECRET_KEY: "ssm:/nowhere" };
  expect(() => readReferencedSettings(env)).toThrow(
    "A secret can't be read (SECRET_KEY): ssm:/nowhere can't be read: ssm answered 400 ParameterNotFound",
  );
});
