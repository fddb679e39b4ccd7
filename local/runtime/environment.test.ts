import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { prepareEnvironment } from "./environment.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-order-env-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const KEY = "k".repeat(32);
const env = (settings: Record<string, string> = {}): NodeJS.ProcessEnv => ({ DATA_DIR: folder, ...settings });

describe("a run with nothing set", () => {
  test("is for a laptop: DEBUG, a registry and a database of its own, a key of its own", () => {
    const settings = env();
    expect(prepareEnvironment(settings)).toMatchObject({
      DEBUG: true,
      DB_ENGINE: "embedded",
      NACOS_SERVER: "127.0.0.1:8848",
      HOST: "127.0.0.1",
    });
    expect(settings).toMatchObject({ DEBUG: "True", DB_ENGINE: "embedded", IS_OFFLINE: "true" });
  });

  test("has an instance id that no other run has", () => {
    const [one, other] = [env(), env()];
    prepareEnvironment(one);
    prepareEnvironment(other);
    expect(one["CFMP_INSTANCE"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(one["CFMP_INSTANCE"]).not.toBe(other["CFMP_INSTANCE"]);
  });

  test("keeps its secret key, readable by its owner only", () => {
    const first = prepareEnvironment(env()).SECRET_KEY;
    expect(first?.length).toBeGreaterThanOrEqual(64);
    expect(prepareEnvironment(env()).SECRET_KEY).toBe(first);
    const file = join(folder, "secret-key");
    expect(readFileSync(file, "utf8")).toBe(first);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("counts empty settings as not set", () => {
    expect(prepareEnvironment(env({ DEBUG: "", DB_ENGINE: "", SECRET_KEY: "" }))).toMatchObject({
      DEBUG: true,
    });
  });
});

test("a database address means DynamoDB", () => {
  expect(prepareEnvironment(env({ DB_HOST: "db" })).DB_ENGINE).toBe("dynamodb");
});

test("what is set already is kept", () => {
  const settings = env({
    DEBUG: "False",
    SECRET_KEY: KEY,
    DB_ENGINE: "dynamodb",
    NACOS_SERVER: "nacos:8848",
  });
  expect(prepareEnvironment(settings)).toMatchObject({
    NACOS_SERVER: "nacos:8848",
    DEBUG: false,
    SECRET_KEY: KEY,
    DB_ENGINE: "dynamodb",
  });
});

describe("a start is refused", () => {
  test.each([
    ["DEBUG beyond loopback", { HOST: "0.0.0.0" }, "debug_beyond_loopback", /HOST is 0\.0\.0\.0/],
    ["no DEBUG and no key", { DEBUG: "False" }, "secret_key_missing", /SECRET_KEY=/],
    ["no DEBUG and a short key", { DEBUG: "False", SECRET_KEY: "short" }, "secret_key_short", /too short/],
    [
      "no DEBUG and a short fallback",
      { DEBUG: "False", SECRET_KEY: "k".repeat(32), SECRET_KEY_FALLBACKS: "short" },
      "secret_key_short",
      /SECRET_KEY_FALLBACKS/,
    ],
    ["a wrong value", { GATEWAY_PORT: "eight" }, "config_invalid", /GATEWAY_PORT.*"eight"/],
  ])("with %s", (_, settings, code, message) => {
    const start = () => prepareEnvironment(env(settings));
    expect(start).toThrow(expect.objectContaining({ code }));
    expect(start).toThrow(message);
  });

  test("with a data folder that is none", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const start = () => prepareEnvironment(env({ DATA_DIR: file }));
    expect(start).toThrow(expect.objectContaining({ code: "data_folder_unusable" }));
    expect(start).toThrow(/set DATA_DIR/);
  });
});
