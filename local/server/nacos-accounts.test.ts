import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import { listen } from "../../tests/support/free-ports.ts";
import { run } from "../../tests/support/run.ts";
import { cleanEnvironment } from "../../tools/own-system/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "cfmp-accounts-"));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The part of Nacos 3.1 that is used here, as the real one was seen to answer; accounts by name with their passwords. */
async function nacos(accounts: Map<string, string>) {
  const granted: string[] = [];
  const server = createServer(async (request, response) => {
    const { path, form } = await read(request);
    const administrator = request.headers["accesstoken"] === "token-of-nacos";
    const [name = "", password = ""] = [form.get("username") ?? "", form.get("password") ?? ""];
    const refuse = (status: number) => response.writeHead(status).end("{}");
    const done = (body: object = {}) => response.end(JSON.stringify(body));
    if (path === "POST /user/admin") {
      if (accounts.has("nacos")) return refuse(409);
      accounts.set("nacos", password);
      return done();
    }
    if (path === "POST /user/login")
      return accounts.get(name) === password ? done({ accessToken: `token-of-${name}` }) : refuse(403);
    if (!administrator) return refuse(403);
    if (path === "DELETE /user") accounts.delete(name);
    else if (path === "POST /user") accounts.set(name, accounts.get(name) ?? password);
    else granted.push(`${path} ${form}`);
    return done();
  });
  servers.push(server);
  return { address: `127.0.0.1:${await listen(server)}`, granted };
}

async function read(request: IncomingMessage): Promise<{ path: string; form: URLSearchParams }> {
  const url = new URL(request.url ?? "", "http://nacos");
  let body = "";
  for await (const part of request) body += part;
  const path = `${request.method} ${url.pathname.replace("/nacos/v3/auth", "")}`;
  return { path, form: new URLSearchParams(body || url.search) };
}

const accountsAt = (address: string, settings: NodeJS.ProcessEnv = {}) =>
  run(
    process.execPath,
    ["--no-warnings", join(import.meta.dirname, "nacos-accounts.ts"), "--administrator", administrator],
    {
      env: {
        ...cleanEnvironment(),
        NACOS_SERVER: address,
        NACOS_USERNAME: "cfmp-order",
        NACOS_PASSWORD: `file:${services}`,
        ...settings,
      },
    },
  );

const administrator = file("administrator", "a-password\n");
const services = file("services", "b-password\n");
const both = new Map([
  ["nacos", "a-password"],
  ["cfmp-order", "b-password"],
]);

test("a new Nacos gets an administrator, and an account that may use one namespace", async () => {
  const accounts = new Map<string, string>();
  const { address, granted } = await nacos(accounts);
  const { code, output } = await accountsAt(address);
  expect([code, output]).toEqual([0, `Nacos at ${address} knows nacos and cfmp-order.\n`]);
  expect(accounts).toEqual(both);
  expect(granted).toEqual([
    "POST /role role=cfmp-order&username=cfmp-order",
    "POST /permission role=cfmp-order&resource=public%3A*%3A*&action=rw",
  ]);
});

test("another run changes nothing, a changed password is set, and another namespace is the one that may be used", async () => {
  for (const password of ["b-password", "one-before"]) {
    const accounts = new Map([...both, ["cfmp-order", password]] as const);
    const { address, granted } = await nacos(accounts);
    expect((await accountsAt(address, { NACOS_NAMESPACE: "shop" })).code).toBe(0);
    expect(accounts).toEqual(both);
    expect(granted[1]).toContain("resource=shop%3A*%3A*");
  }
});

test("what is missing, or does not answer, is one line", async () => {
  const { address } = await nacos(new Map());
  const missing = await accountsAt(address, { NACOS_USERNAME: "" });
  expect([missing.code, missing.stderr]).toEqual([1, "NACOS_USERNAME is not set.\n"]);
  const empty = await accountsAt(address, { NACOS_PASSWORD: `file:${file("empty", "")}` });
  expect([empty.code, empty.stderr]).toEqual([1, "NACOS_PASSWORD is not set.\n"]);
  const away = await accountsAt("127.0.0.1:1");
  expect([away.code, away.stderr]).toEqual([1, expect.stringMatching(/^Nacos does not answer: .*\n$/)]);
});
