// docker-compose-services.yml, held to what it says of itself. Docker Compose's own reading of it is in npm run test:servers.

import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { services } from "../../../functions/services.ts";
import { settingNames } from "../../../functions/settings.ts";
import { loadConfig } from "../../../lib/config/env.ts";
import { servicePorts } from "../../../lib/config/service-settings.ts";
import { portVariable } from "../../../lib/core/service-name.ts";
import { completeServerSettings } from "../../../local/server/settings.ts";
import { readSecretFiles } from "../../../local/shared/secret-files.ts";
import { FIXED, isSecret, MEANINGLESS, secretOf } from "../../../tools/generate/container-settings.ts";
import { mustRun, run } from "../../support/run.ts";
import { COMPOSE_TEXT, compose, containers, environmentOf, filledIn, ROOT } from "./compose-file.ts";

const ours = containers.filter(([, { command }]) => command?.[0] === "--service");
const profile = (name: string) =>
  containers.filter(([, { profiles }]) => profiles.includes(name)).map(([one]) => one);

const folder = mkdtempSync(join(tmpdir(), "cfmp-secrets-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("docker-compose-services.yml", () => {
  test("runs each service twice behind Nginx, and in profiles what they lean on and who watches them", () => {
    expect(ours.map(([name, { command }]) => [name, command])).toEqual(
      services.flatMap(({ key }) => [1, 2].map((number) => [`${key}-${number}`, ["--service", key]])),
    );
    const always = containers.filter(([, { profiles }]) => profiles.length === 0).map(([name]) => name);
    expect(always).toEqual([...ours.map(([name]) => name), "nginx"]);
    expect(profile("local")).toEqual(["nacos", "nacos-accounts", "dynamodb", "mailpit"]);
    expect(profile("monitoring")).toEqual(["prometheus", "alertmanager", "grafana"]);
    expect(profile("logs")).toEqual(["vector", "elasticsearch", "kibana"]);
  });

  test.each(containers)("%s has a pinned image and no rights that it does not need", (name, one) => {
    expect(one.image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+(-debian)?$/);
    expect(one.cap_drop).toEqual(["ALL"]);
    expect(one.security_opt).toEqual(["no-new-privileges:true"]);
    // Both make files beside their settings when they start.
    expect(one.read_only).toBe(!["elasticsearch", "kibana"].includes(name));
  });

  test.each(containers)("%s has limits, and logs that do not fill the disk", (_, one) => {
    const { limits } = one.deploy.resources;
    expect(Number(limits.cpus)).toBeGreaterThan(0);
    expect(limits.memory).toMatch(/^\d+[MG]$/);
    expect(limits.pids).toBeGreaterThan(0);
    expect(one.logging).toEqual({
      driver: "json-file",
      options: { "max-size": "10m", "max-file": "5", tag: "{{.Name}}" },
    });
  });

  test.each(containers)("%s starts again and says how it is, unless it ends by itself", (name, one) => {
    const ends = name === "nacos-accounts";
    expect(one.restart).toBe(ends ? "no" : "unless-stopped");
    if (!ends) expect(one.healthcheck?.test[0]).toBe("CMD");
  });

  test("publishes Nginx at PUBLIC_ADDRESS, operators' pages on loopback, and no service", () => {
    const published = (given: Record<string, string>) =>
      Object.fromEntries(
        containers
          .filter(([, { ports }]) => ports.length > 0)
          .map(([name, { ports }]) => [name, ports.map((port) => filledIn(port, given))]),
      );
    const { nginx, ...pages } = published({ PUBLIC_ADDRESS: "0.0.0.0", HTTPS_PORT: "8443" });
    expect(nginx).toEqual(["0.0.0.0:8443:8443", "0.0.0.0:80:8080"]);
    expect(published({})["nginx"]).toEqual(["127.0.0.1:443:8443", "127.0.0.1:80:8080"]);
    const all = Object.values(pages).flat();
    for (const port of all) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
    expect(new Set(all).size).toBe(all.length);
    expect(ours.flatMap(([, { ports }]) => ports)).toEqual([]);
  });

  test("keeps what is written in volumes that are declared, each of one container", () => {
    const used = containers.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(":")[0] ?? ""));
    const [mounts, volumes] = [/^[./]/, /^[^./]/].map((form) => used.filter((one) => form.test(one)).sort());
    expect(volumes).toEqual(Object.keys(compose.volumes).sort());
    for (const mount of mounts?.filter((one) => one.startsWith(".")) ?? [])
      expect(statSync(join(ROOT, mount)).isDirectory()).toBe(true);
  });

  test("uses the networks that it declares; logs are in one of their own", () => {
    const used = new Set(containers.flatMap(([, { networks }]) => networks));
    expect([...used].sort()).toEqual(Object.keys(compose.networks).sort());
    expect(containers.filter(([, { networks }]) => networks.includes("logs")).map(([name]) => name)).toEqual(
      profile("logs"),
    );
  });
});

describe("Settings", () => {
  const given = new Set(ours.flatMap(([, { environment }]) => Object.keys(environment)));
  const ports = services.map(({ contract }) => portVariable(contract.service));

  test("are all passed on to the containers, but for those that mean nothing there", () => {
    const missing = settingNames.filter((name) => !given.has(name));
    expect(missing.sort()).toEqual([...Object.keys(MEANINGLESS), ...ports].sort());
  });

  test("of one service reach its containers alone", () => {
    for (const { key, settings } of services) {
      const others = ours.filter(([name]) => !name.startsWith(`${key}-`));
      for (const setting of settings?.names ?? [])
        expect(others.filter(([, { environment }]) => setting in environment)).toEqual([]);
    }
  });

  test("can each be chosen in servers/settings.env, or are files, or are the container's own", () => {
    const chosen = (name: string) => new RegExp(`^ +${name}: \\$\\{${name}:?-`, "m").test(COMPOSE_TEXT);
    const files = (name: string) => COMPOSE_TEXT.includes(` ${name}: file:/run/secrets/${secretOf(name)}\n`);
    for (const name of settingNames.filter((one) => given.has(one) && !FIXED.includes(one)))
      expect([name, chosen(name), files(name)]).toEqual([name, !isSecret(name), isSecret(name)]);
  });
});

describe("Secrets", () => {
  const secretFiles = Object.values(compose.secrets).map(({ file }) => basename(file));
  const prepare = (into: string) => mustRun("sh", [join(copied, "prepare.sh"), into]);
  const copied = mkdtempSync(join(tmpdir(), "cfmp-servers-"));
  afterAll(() => rmSync(copied, { recursive: true }));
  writeFileSync(join(copied, "prepare.sh"), readFileSync(join(ROOT, "servers", "prepare.sh")));

  test("are files, each of those that its containers name and no others", () => {
    const used = new Set(containers.flatMap(([, { secrets }]) => secrets));
    expect([...used].sort()).toEqual(Object.keys(compose.secrets).sort());
    for (const [name, { environment, secrets }] of ours) {
      const named = Object.values(environment).filter((value) => value.startsWith("file:"));
      expect([name, named.map((value) => basename(value)).sort()]).toEqual([name, [...secrets].sort()]);
    }
  });

  test("of a certificate are made together: a key that waits for its certificate stays", async () => {
    const own = join(folder, "own");
    await prepare(own);
    for (const [kept, missing] of [
      ["tls_key", "tls_certificate"],
      ["tls_certificate", "tls_key"],
    ] as const) {
      const before = readFileSync(join(own, kept), "utf8");
      renameSync(join(own, missing), join(folder, missing));
      const { code, stderr } = await run("sh", [join(copied, "prepare.sh"), own]);
      expect([code, stderr]).toEqual([0, expect.stringContaining(`${missing} is missing`)]);
      expect([readFileSync(join(own, kept), "utf8"), existsSync(join(own, missing))]).toEqual([
        before,
        false,
      ]);
      renameSync(join(folder, missing), join(own, missing));
    }
    rmSync(own, { recursive: true });
  });

  test("are all made by servers/prepare.sh, which changes nothing when it is run again", async () => {
    await prepare(folder);
    expect(readdirSync(folder).sort()).toEqual([...secretFiles].sort());
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const before = readFileSync(join(folder, "secret_key"), "utf8");
    writeFileSync(join(copied, "settings.env"), "ALLOWED_HOSTS=shop.example\n");
    expect(await prepare(folder)).toBe("");
    expect(readFileSync(join(folder, "secret_key"), "utf8")).toBe(before);
    expect(readFileSync(join(copied, "settings.env"), "utf8")).toBe("ALLOWED_HOSTS=shop.example\n");
    expect(existsSync(join(folder, ".tls_key"))).toBe(false);
  });

  test.each(ours)(
    "and the rest let %s start as it is: nothing embedded, tokens wanted",
    async (name, one) => {
      await prepare(folder);
      const env: NodeJS.ProcessEnv = Object.fromEntries(
        Object.entries(environmentOf(one)).map(([setting, value]) => [
          setting,
          value.replace("/run/secrets", folder),
        ]),
      );
      readSecretFiles(env);
      completeServerSettings(env);
      const config = loadConfig(env);
      expect(config).toMatchObject({
        DEBUG: false,
        HOST: "0.0.0.0",
        ADVERTISE_HOST: name,
        METRICS_PORT: 9464,
      });
      expect(config).toMatchObject({ EMBEDDED_REGISTRY: "off", DB_ENGINE: "dynamodb" });
      expect(config.SECRET_KEY?.length).toBeGreaterThan(32);
      expect(config.ALLOWED_HOSTS).toEqual(["*", name]);
      for (const service of services) expect(service.settings?.problems(env, false) ?? []).toEqual([]);
      // Its port is the one that its health check asks and Nginx knows.
      const definition = services.find(({ key }) => one.command?.includes(key));
      const port = definition && servicePorts(services, env).get(definition.contract.service);
      expect(one.healthcheck?.test).toEqual(["CMD", "node", "local/server/health.cjs", String(port)]);
    },
  );

  test("what it leans on is waited for where it runs here, and found by name", () => {
    for (const [, one] of ours) {
      const { NACOS_SERVER, DB_HOST } = environmentOf(one);
      expect([NACOS_SERVER?.split(":")[0], DB_HOST]).toEqual(["nacos", "dynamodb"]);
      expect(Object.keys(one.depends_on).sort()).toEqual([...profile("local")].sort());
      for (const { required } of Object.values(one.depends_on)) expect(required).toBe(false);
    }
  });

  test("with DB_HOST empty the tables are DynamoDB's on AWS", () => {
    for (const [, one] of ours) expect(environmentOf(one, { DB_HOST: "" })["DB_HOST"]).toBe("");
  });
});
