// Gives a new Nacos its administrator, and the services an account that may use their namespace and nothing else:
//   node local/server/nacos-accounts.ts --administrator /run/secrets/nacos_admin_password
// Settings: NACOS_SERVER, NACOS_NAMESPACE, NACOS_USERNAME, NACOS_PASSWORD. Safe to repeat; a changed NACOS_PASSWORD is set.
// Source: Nacos 3.1, administration of accounts (/v3/auth/…).

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { messageOf } from "../../lib/core/failure-text.ts";
import { print } from "../shared/print.ts";
import { readSecretFiles } from "../shared/secret-files.ts";
import { fail, StartUpError } from "../shared/start-up-error.ts";

const ADMINISTRATOR = "nacos";
/** Nacos itself knows a new account, or a changed password, some seconds later. */
const KNOWN_WITHIN_MS = 60_000;
const ONCE_MS = 500;

type Form = Readonly<Record<string, string>>;

try {
  await run();
} catch (error) {
  fail(error);
}

async function run(): Promise<void> {
  const { env } = process;
  readSecretFiles(env);
  const server = required(env, "NACOS_SERVER");
  const username = required(env, "NACOS_USERNAME");
  const password = required(env, "NACOS_PASSWORD");
  const base = `${server.includes("://") ? server : `http://${server}`}/nacos/v3/auth`;
  const administrator = { username: ADMINISTRATOR, password: administratorPassword() };

  // Refused when there is one; whether it has this password is seen next.
  await send("POST", `${base}/user/admin`, { password: administrator.password });
  const accessToken = await known(base, administrator);
  const as = { accessToken };
  if ((await login(base, { username, password })) === undefined) {
    // With another password it is made anew: 3.1.0 refuses its administrator to change one.
    await send("DELETE", `${base}/user`, { username }, as);
    await send("POST", `${base}/user`, { username, password }, as);
  }
  await send("POST", `${base}/role`, { role: username, username }, as);
  const resource = `${env["NACOS_NAMESPACE"] || "public"}:*:*`;
  await send("POST", `${base}/permission`, { role: username, resource, action: "rw" }, as);
  await known(base, { username, password });
  print(`Nacos at ${server} knows ${ADMINISTRATOR} and ${username}.`);
}

function administratorPassword(): string {
  const { values } = parseArgs({ options: { administrator: { type: "string" } } });
  if (values.administrator === undefined)
    throw new StartUpError("command_invalid", "--administrator names no file.");
  const text = readFileSync(values.administrator, "utf8").trimEnd();
  if (text === "") throw new StartUpError("command_invalid", `${values.administrator} is empty.`);
  return text;
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value) throw new StartUpError("server_setting_missing", `${name} is not set.`);
  return value;
}

/** Waits until the account can log in. Resolves with its token. */
async function known(base: string, account: Form): Promise<string> {
  const until = performance.now() + KNOWN_WITHIN_MS;
  for (;;) {
    const token = await login(base, account);
    if (token !== undefined) return token;
    if (performance.now() > until)
      throw new StartUpError(
        "nacos_account_refused",
        `Nacos refuses the password of ${account["username"]}: was it set up with another one?`,
      );
    await new Promise((resolve) => setTimeout(resolve, ONCE_MS));
  }
}

/** The account's token; undefined when it is refused. */
async function login(base: string, account: Form): Promise<string | undefined> {
  const { ok, body } = await send("POST", `${base}/user/login`, account);
  const { accessToken } = ok ? JSON.parse(body) : {};
  return typeof accessToken === "string" ? accessToken : undefined;
}

/** Parameters are a form, or the query of a DELETE. @throws {StartUpError} when Nacos does not answer. */
async function send(
  method: "POST" | "DELETE",
  url: string,
  form: Form,
  headers: Form = {},
): Promise<{ ok: boolean; body: string }> {
  const parameters = new URLSearchParams(form);
  try {
    const reply = await fetch(method === "DELETE" ? `${url}?${parameters}` : url, {
      method,
      headers,
      ...(method === "POST" ? { body: parameters } : {}),
    });
    return { ok: reply.ok, body: await reply.text() };
  } catch (error) {
    throw new StartUpError("nacos_unreachable", `Nacos does not answer: ${messageOf(error)}.`);
  }
}
