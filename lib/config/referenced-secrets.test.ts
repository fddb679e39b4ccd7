import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Environment } from "./environment.ts";
import { ReferencedSecrets, SECRETS_FOR_MS } from "./referenced-secrets.ts";

let now: number;
let secret: string | Error;
let reads: number;
let put: Environment[];
let logged: string[];
const entry = (level: string) => (_: object, text: string) => void logged.push(`${level}: ${text}`);

const env = { SECRET_KEY: "ssm:/key", SECRET_KEY_FALLBACKS: "ssm:/old,ssm:/older", LOG_LEVEL: "info" };

const secretsOf = (given: Environment = env) =>
  new ReferencedSecrets({
    env: given,
    async read(references) {
      reads += 1;
      if (secret instanceof Error) throw secret;
      const value = secret;
      return new Map(references.map((reference) => [reference, `${value} of ${reference}`]));
    },
    put: (settings) => void put.push(settings),
    log: { info: entry("info"), warn: entry("warn"), error: entry("error") },
    now: () => now,
  });

beforeEach(() => {
  now = 1_000_000;
  secret = "first";
  reads = 0;
  put = [];
  logged = [];
});
afterEach(() => {
  jest.useRealTimers();
});

test("settings without references need nothing", () => {
  expect(secretsOf({ SECRET_KEY: "k".repeat(32), UNSET: undefined }).fresh()).toBeUndefined();
  expect(reads).toBe(0);
});

test("the values of all references are read at once, by one reading for whoever waits, and no other setting is changed", async () => {
  const secrets = secretsOf();
  await Promise.all([secrets.fresh(), secrets.fresh()]);
  expect(reads).toBe(1);
  expect(put).toEqual([
    { SECRET_KEY: "first of ssm:/key", SECRET_KEY_FALLBACKS: "first of ssm:/old,first of ssm:/older" },
  ]);
  expect(secrets.fresh()).toBeUndefined();
});

describe("after five minutes", () => {
  test("they are read again; what has changed is put into effect, and only that is", async () => {
    const secrets = secretsOf();
    await secrets.fresh();
    now += SECRETS_FOR_MS - 1;
    expect(secrets.fresh()).toBeUndefined();
    now += 1;
    await secrets.fresh();
    expect([reads, put.length]).toEqual([2, 1]);
    secret = "second";
    now += SECRETS_FOR_MS;
    await secrets.fresh();
    expect(put).toHaveLength(2);
    expect(put[1]).toMatchObject({ SECRET_KEY: "second of ssm:/key" });
    expect(logged).toEqual(["info: a secret has changed"]);
  });

  test("values that can't be read again stay in use, and are tried again after half a minute", async () => {
    const secrets = secretsOf();
    await secrets.fresh();
    secret = new Error("no connection");
    now += SECRETS_FOR_MS;
    await secrets.fresh();
    expect(secrets.fresh()).toBeUndefined();
    expect(logged).toEqual(["warn: secrets can't be read again; those read before stay in use"]);
    secret = "second";
    now += 30_000;
    await secrets.fresh();
    expect(put).toHaveLength(2);
  });

  test("a clock that was set back does not keep them for ever", async () => {
    const secrets = secretsOf();
    await secrets.fresh();
    now -= 10 * SECRETS_FOR_MS;
    await secrets.fresh();
    expect(reads).toBe(2);
  });

  test("a store that does not answer delays no run by more than two seconds", async () => {
    jest.useFakeTimers();
    let answer = (_: ReadonlyMap<string, string>): void => {};
    let stuck = false;
    const secrets = new ReferencedSecrets({
      env: { A: "ssm:/a" },
      read: () =>
        stuck
          ? new Promise((resolve) => {
              answer = resolve;
            })
          : Promise.resolve(new Map([["ssm:/a", "1"]])),
      put: (settings) => void put.push(settings),
      log: { info() {}, warn() {}, error() {} },
      now: () => now,
    });
    await secrets.fresh();
    stuck = true;
    now += SECRETS_FOR_MS;
    const waiting = secrets.fresh();
    await jest.advanceTimersByTimeAsync(2_000);
    await waiting;
    expect(put).toEqual([{ A: "1" }]);
    answer(new Map([["ssm:/a", "2"]]));
    await jest.advanceTimersByTimeAsync(0);
    expect(put).toEqual([{ A: "1" }, { A: "2" }]);
  });
});

test("secrets that were never read refuse the run as not available, with the reason in the log alone; the next run tries again", async () => {
  const secrets = secretsOf();
  secret = new Error("ssm:/key can't be read: ssm answered 400 AccessDeniedException");
  await expect(secrets.fresh()).rejects.toMatchObject({ kind: "unavailable", code: "settings_unavailable" });
  await expect(secrets.fresh()).rejects.not.toThrow(/ssm/);
  expect(logged).toEqual(["error: secrets can't be read", "error: secrets can't be read"]);
  secret = "first";
  await secrets.fresh();
  expect(put).toHaveLength(1);
});
