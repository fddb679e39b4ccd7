// docker-compose-services.yml and the Dockerfile, read as Docker would: nothing here needs an engine.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import * as z from "zod";
import { services as definitions } from "../../../functions/services.ts";
import { settingNames } from "../../../functions/settings.ts";
import { loadConfig } from "../../../lib/config/env.ts";
import { servicePorts } from "../../../lib/config/service-settings.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const text = readFileSync(join(root, "docker-compose-services.yml"), "utf8");
const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");

const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()),
  networks: z.array(z.string()),
  volumes: z.array(z.string()),
  restart: z.string(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({
    test: z.array(z.string()),
    interval: z.string(),
    timeout: z.string(),
    retries: z.number(),
  }),
});

const compose = z
  .object({
    services: z.record(z.string(), service),
    networks: z.record(z.string(), z.unknown()),
    volumes: z.record(z.string(), z.unknown()),
  })
  .parse(parse(text, { merge: true }));

const everything = Object.entries(compose.services);
const ours = everything.filter(([, { build }]) => build !== undefined);

/** A value as Compose fills it in; a variable that must be given is given. */
const filledIn = (value: string): string =>
  value.replace(/\$\{\w+:([-?])([^}]*)\}/g, (_, kind: string, rest: string) =>
    kind === "-" ? rest : "x".repeat(40),
  );

const settingsOf = (environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filledIn(value)]));

describe("docker-compose-services.yml", () => {
  test("runs each service once, and what they lean on", () => {
    expect(ours.map(([, { command }]) => command)).toEqual(definitions.map(({ key }) => ["--service", key]));
    expect(everything.map(([name]) => name)).toEqual([
      ...definitions.map(({ key }) => key),
      "nacos",
      "dynamodb",
      "mailpit",
    ]);
  });

  test.each(everything)(
    "%s has a pinned image, a health check, the one network, and starts again",
    (_, one) => {
      expect(one.image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+$/);
      expect(one.healthcheck.test[0]).toBe("CMD");
      expect(one.networks).toEqual(Object.keys(compose.networks));
      expect(one.restart).toBe("unless-stopped");
    },
  );

  test.each(everything)("%s is published on loopback only, on ports of its own", (_, { ports }) => {
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
  });

  test("publishes no port twice", () => {
    const ports = everything.flatMap(([, one]) => one.ports);
    expect(new Set(ports).size).toBe(ports.length);
  });

  test("keeps what is written in volumes that are declared, each of one service", () => {
    const used = everything.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(":")[0]));
    expect(used.sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  test("does not start without the secrets, and says how to make them", () => {
    for (const name of ["SECRET_KEY", "NACOS_AUTH_TOKEN"]) {
      expect(text).toMatch(new RegExp(`${name}: \\$\\{${name}:\\?[^}]*openssl rand -base64 48`));
    }
  });
});

describe.each(ours)("the container %s", (name, one) => {
  const settings = settingsOf(one.environment);
  const config = loadConfig(settings);

  test("is given settings that exist, with values that are accepted", () => {
    expect(Object.keys(one.environment).filter((setting) => !settingNames.includes(setting))).toEqual([]);
    expect(config).toMatchObject({ DEBUG: false, HOST: "0.0.0.0", ADVERTISE_HOST: name });
    expect(config.SECRET_KEY).toBeDefined();
  });

  test("publishes the port it listens on, and has its health check there", () => {
    const definition = definitions.find(({ key }) => one.command?.includes(key));
    const port = definition && servicePorts(definitions, settings).get(definition.contract.service);
    expect(one.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(one.healthcheck.test).toEqual(["CMD", "node", "local/server/health.cjs", String(port)]);
  });

  test("waits until what it leans on is healthy, and finds it by name", () => {
    const hosts = [
      config.NACOS_SERVER?.split(":")[0],
      config.DB_HOST,
      config.SMTP_URL && new URL(config.SMTP_URL).hostname,
    ];
    expect(Object.keys(one.depends_on)).toEqual(hosts);
    for (const { condition } of Object.values(one.depends_on)) expect(condition).toBe("service_healthy");
  });

  test("uses nothing embedded", () => {
    expect(config).toMatchObject({ EMBEDDED_REGISTRY: "off", DB_ENGINE: "dynamodb" });
  });
});

describe("the Dockerfile", () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    ([, from]) => from?.split(" ") ?? [],
  );

  test("copies what exists, all of it let through by .dockerignore", () => {
    const ignore = readFileSync(join(root, ".dockerignore"), "utf8").split("\n");
    expect(copied.length).toBeGreaterThan(0);
    for (const path of copied) {
      expect(existsSync(join(root, path))).toBe(true);
      expect(ignore).toContain(`!${path.split("/")[0]}`);
    }
  });

  test("has pinned images, Node of the runtime's major version, production dependencies alone, and no root", () => {
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(images).toEqual([
      expect.stringMatching(/^node:24\.\d+\.\d+-bookworm-slim$/),
      expect.stringMatching(/^debian:12\.\d+-slim$/),
    ]);
    expect(dockerfile).toMatch(/^RUN npm ci --omit=dev /m);
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
  });

  const manifest = z.object({ scripts: z.object({ serve: z.string() }) });
  const words = z.array(z.string());

  test("starts what npm run serve starts", () => {
    const entry = words.parse(JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]"));
    const { scripts } = manifest.parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
    expect(entry.join(" ")).toBe(scripts.serve);
    expect(existsSync(join(root, entry.at(-1) ?? ""))).toBe(true);
  });

  test("asks for the health of whichever service it runs", () => {
    const check = words.parse(JSON.parse(/^HEALTHCHECK .* CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]"));
    expect(check).toEqual([
      "node",
      "local/server/health.cjs",
      ...definitions.map(({ port }) => String(port)),
    ]);
  });
});
