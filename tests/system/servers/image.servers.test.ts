// What the image runs: one instance of each service, with a container's environment, as a user without rights; and the journeys of
// docs/parity.md on them. What they lean on runs outside, as in production. Run by npm run test:servers, as root on Linux.

import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { services } from "../../../functions/services.ts";
import { READY, READY_WITHIN_MS } from "../../../tools/own-system/start-command.ts";
import { caughtMails } from "../../support/caught-mails.ts";
import { freePorts } from "../../support/free-ports.ts";
import { type HelperHolder, holdHelper } from "../../support/helper-holder.ts";
import { until } from "../../support/poll.ts";
import type { Program } from "../../support/run.ts";
import type { ServiceKey } from "../../support/shop.ts";
import { cleanEnvironment, ownSettings } from "../../support/system.ts";
import { credentialsBy } from "../../support/system-under-test.ts";
import { containers, environmentOf } from "../deploy/compose-file.ts";
import { describeJourneys } from "../parity/journeys.ts";
import { type Image, image, sizeOf } from "./image.ts";

const MB = 1024 * 1024;
/** Its packages are installed meanwhile. */
const BUILT_WITHIN_MS = 15 * 60_000;
const SANDBOX_SECRET = "the secret of the sandbox, of 32 characters at least";

interface Instance {
  readonly program: Program;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
}

let built: Image;
let settings: Readonly<Record<string, string>>;
let helper: HelperHolder;
const instances = new Map<string, Instance>();

beforeAll(async () => {
  built = await image();
  const secret = join(built.secrets, "sandbox_secret");
  chmodSync(secret, 0o644);
  writeFileSync(secret, SANDBOX_SECRET);
  settings = await ownSettings();
  helper = holdHelper({ ...cleanEnvironment(), ...settings, DEBUG: "True", DB_ENGINE: "embedded" });
  await helper.receive("ready");
  // The first one makes the tables.
  for (const { key } of services) instances.set(key, await start(key));
}, BUILT_WITHIN_MS);

afterAll(async () => {
  await Promise.all([...instances.values()].map(({ program }) => program.end()));
  await helper?.end();
  built?.remove();
});

/** The first container of a service, at addresses of this machine. */
async function start(key: string): Promise<Instance> {
  const [, container] = containers.find(([name]) => name === `${key}-1`) ?? [];
  if (container === undefined) throw new Error(`There is no container ${key}-1`);
  const [port = 0, metrics = 0] = await freePorts(2);
  const environment: Record<string, string> = {
    ...environmentOf(container),
    HOST: "127.0.0.1",
    ADVERTISE_HOST: "127.0.0.1",
    METRICS_HOST: "127.0.0.1",
    METRICS_PORT: String(metrics),
    NACOS_SERVER: settings["NACOS_SERVER"] ?? "",
    // The embedded registry has no accounts.
    NACOS_USERNAME: "",
    NACOS_PASSWORD: "",
    NACOS_GROUP: "image",
    DB_HOST: "127.0.0.1",
    DB_PORT: settings["DB_PORT"] ?? "",
    DB_NAME: "image",
    SMTP_URL: `smtp://127.0.0.1:${settings["MAIL_SMTP_PORT"]}`,
  };
  const program = await built.begin([...(container.command ?? []), "--httpPort", String(port)], environment);
  const ready = () => !program.running() || READY.test(program.stdout());
  await until(`${key} is ready`, ready, READY_WITHIN_MS);
  if (!program.running()) throw new Error(`${key} ended:\n${program.output()}`);
  return { program, port, environment };
}

const instance = (key: string): Instance => {
  const found = instances.get(key);
  if (found === undefined) throw new Error(`${key} does not run`);
  return found;
};
const urlOf = (key: ServiceKey) => `http://127.0.0.1:${instance(key).port}`;
const urls = () => ({
  orders: urlOf("orders"),
  payments: urlOf("payments"),
  notifications: urlOf("notifications"),
});

test("its own files and its packages are small: 30 MB at most", () => {
  const megabytes = Math.round(sizeOf(built.app) / MB);
  console.log(`Files of the image besides Node and Debian: ${megabytes} MB`);
  expect(megabytes).toBeLessThanOrEqual(30);
  for (const absent of ["serverless", "serverless-offline", "typescript", "jest"])
    expect(readdirSync(join(built.app, "node_modules"))).not.toContain(absent);
});

test("each is healthy, without a word of complaint, and has written to its folder of data as its own user", async () => {
  for (const [key, { program, port, environment }] of instances) {
    // As an engine does: a check may fail while the machine is busy.
    await until(`${key} is healthy`, async () => (await built.health(port, environment)) === 0);
    expect([key, program.running(), program.stderr()]).toEqual([key, true, ""]);
  }
  expect(statSync(join(built.app, "data")).uid).toBe(built.uid);
});

describeJourneys(() => ({
  urls: urls(),
  pages: urls(),
  sandboxSecret: SANDBOX_SECRET,
  credentials: credentialsBy(readFileSync(join(built.secrets, "secret_key"), "utf8").trim()),
  mailsTo: (address) => caughtMails(`http://127.0.0.1:${settings["MAIL_PAGE_PORT"]}`, address),
}));

test("each ends with 0 on SIGTERM, and is not healthy then", async () => {
  for (const { program, port, environment } of instances.values()) {
    program.signal("SIGTERM");
    expect(await program.ended).toBe(0);
    expect(await built.health(port, environment)).toBe(1);
  }
});
