// Functions as on AWS, whose SECRET_KEY is a reference: from the store to the tokens that are accepted.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { createTokens } from "../auth/tokens.ts";
import { SECRETS_FOR_MS } from "../config/referenced-secrets.ts";
import { setLogSink } from "../observability/log.ts";
import { send, things } from "./test-things.ts";

const KEYS = { first: "1".repeat(20) + "a".repeat(20), second: "2".repeat(20) + "b".repeat(20) };

const before = { ...process.env };
let stored: string | undefined;
let store: Server;
let lines: string[];

beforeEach(async () => {
  stored = KEYS.first;
  store = createServer((request, response) => {
    request.resume().on("end", () => {
      if (stored === undefined) response.writeHead(400).end('{"__type":"ParameterNotFound"}');
      else response.end(JSON.stringify({ Parameter: { Value: stored } }));
    });
  });
  process.env = {
    ...before,
    AWS_ENDPOINT_URL: await urlOf(store.listen(0, "127.0.0.1")),
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_LAMBDA_FUNCTION_NAME: "things",
    DEBUG: "False",
    NACOS_SERVER: "",
    SECRET_KEY: "ssm:/key",
    SECRET_KEY_FALLBACKS: "",
  };
  lines = [];
  setLogSink((_, line) => void lines.push(line));
  noTimeLimits();
});
afterEach(async () => {
  jest.restoreAllMocks();
  globalThis.cfmpOrderLogSink = undefined;
  store.closeAllConnections();
  await new Promise((resolve) => store.close(resolve));
});
afterAll(() => {
  process.env = before;
});

/** Only the store's answers matter here, however slow the machine is. */
function noTimeLimits(): void {
  const real = globalThis.setTimeout;
  const later = (run: () => void, ms = 0) => real(run, ms * 60);
  jest.spyOn(globalThis, "setTimeout").mockImplementation(later as typeof setTimeout);
}

async function urlOf(server: Server): Promise<string> {
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

/** A function that a new process has loaded. */
async function newFunction() {
  jest.resetModules();
  const { httpHandler } = await import("./handler.ts");
  const { reply } = await import("./reply.ts");
  return httpHandler(things, things.routes.listThings, async ({ user }) => reply(200, { name: user.id }));
}

async function as(key: string) {
  const token = await createTokens({ SECRET_KEY: key, TOKEN_AUDIENCE: "cfmp-order" }).mintUser(
    { sub: "u-1" },
    3_600,
  );
  return { method: "GET", headers: { authorization: `Bearer ${token}` } };
}

const errors = () => lines.filter((line) => line.includes(`"level":"error"`));

test("the key is read from the store; one that is changed there takes effect within five minutes, without a deployment", async () => {
  const list = await newFunction();
  const [first, second] = [await as(KEYS.first), await as(KEYS.second)];
  expect(await send(list, first)).toMatchObject({ status: 200, body: { name: "u-1" } });
  stored = KEYS.second;
  expect((await send(list, second)).status).toBe(401);
  const later = Date.now() + SECRETS_FOR_MS;
  jest.spyOn(Date, "now").mockImplementation(() => later);
  expect((await send(list, second)).status).toBe(200);
  expect((await send(list, first)).status).toBe(401);
  expect(process.env["SECRET_KEY"]).toBe("ssm:/key");
  expect(lines.join()).not.toContain(KEYS.first);
  expect(errors()).toEqual([]);
});

test("a key that can be guessed lets nothing through: a line in the log names the setting, the reply nothing", async () => {
  stored = "short";
  const reply = await send(await newFunction(), await as(KEYS.first));
  expect(reply).toMatchObject({ status: 500, body: { code: "internal_error" } });
  expect(errors()).toEqual([expect.stringContaining("SECRET_KEY must have at least 32 characters")]);
  expect(JSON.stringify(reply.body)).not.toContain("SECRET_KEY");
});

test("a changed key that can be guessed is refused, and the one before stays in use", async () => {
  const list = await newFunction();
  const first = await as(KEYS.first);
  expect((await send(list, first)).status).toBe(200);
  stored = "short";
  const later = Date.now() + SECRETS_FOR_MS;
  jest.spyOn(Date, "now").mockImplementation(() => later);
  expect((await send(list, first)).status).toBe(200);
  expect(errors().join()).toContain("SECRET_KEY must have at least 32 characters");
});

test("a secret that is not there is a 503 until it is, with the reason in the log", async () => {
  stored = undefined;
  const list = await newFunction();
  const first = await as(KEYS.first);
  const reply = await send(list, first);
  expect(reply).toMatchObject({ status: 503, body: { code: "settings_unavailable" } });
  expect(JSON.stringify(reply.body)).not.toContain("ssm");
  expect(errors().join()).toContain("ssm:/key can't be read: ssm answered 400 ParameterNotFound");
  stored = KEYS.first;
  expect((await send(list, first)).status).toBe(200);
});
