import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { ConfigError, parseSettings } from "../../lib/config/env.ts";
import { makeAuthority, makeCertificate } from "../../tests/support/certificates.ts";
import { requireServiceSettings } from "../settings.ts";
import { alipay } from "./providers/index.ts";
import { offeredProviders } from "./providers/offered.ts";
import { testWorld } from "./test-world.ts";

const ours = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { privateKey } = ours;
const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PRIVATE_PEM = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const PUBLIC_PEM = publicKey.export({ type: "spki", format: "pem" }).toString();

const ALIPAY = {
  PAYMENT_CALLBACK_BASE_URL: "https://shop.example",
  ALIPAY_APP_ID: "2021000000000001",
  ALIPAY_PRIVATE_KEY: PRIVATE_PEM,
  ALIPAY_PUBLIC_KEY: PUBLIC_PEM,
};
const WECHAT_PAY = {
  PAYMENT_CALLBACK_BASE_URL: "https://shop.example",
  WECHAT_PAY_MCH_ID: "1900000001",
  WECHAT_PAY_APP_ID: "wx0000000000000001",
  WECHAT_PAY_SERIAL_NO: "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
  WECHAT_PAY_PRIVATE_KEY: PRIVATE_PEM,
  WECHAT_PAY_PUBLIC_KEY: PUBLIC_PEM,
  WECHAT_PAY_PUBLIC_KEY_ID: "PUB_KEY_ID_0000000000000000000000000000000000",
  WECHAT_PAY_API_V3_KEY: "k".repeat(32),
};

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    requireServiceSettings(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const read = (env: Record<string, string>) => parseSettings(z.object({ ...alipay.settings }), env);

describe("a provider", () => {
  test("that is not set at all is no problem, nor is one that is set whole", () => {
    expect(problemsOf({})).toEqual([]);
    expect(problemsOf(ALIPAY)).toEqual([]);
    expect(problemsOf(WECHAT_PAY)).toEqual([]);
  });

  test.each([
    ...Object.keys(ALIPAY).map((name) => [name, ALIPAY, "Alipay"] as const),
    ...Object.keys(WECHAT_PAY).map((name) => [name, WECHAT_PAY, "WeChat Pay"] as const),
  ])("that lacks %s is refused by that name", (name, settings, provider) => {
    expect(problemsOf({ ...settings, [name]: "" })).toEqual([`${name} is missing: ${provider} needs it`]);
  });

  test.each([
    ["WECHAT_PAY_PREVIOUS_KEY", "WECHAT_PAY_PREVIOUS_KEY_ID", "5157F09EFDC096DE15EBE81A47057A7232F1B8E2"],
    ["WECHAT_PAY_PREVIOUS_KEY_ID", "WECHAT_PAY_PREVIOUS_KEY", PUBLIC_PEM],
  ])("that lacks %s though %s is set is refused by that name", (lacking, given, value) => {
    expect(problemsOf({ ...WECHAT_PAY, [given]: value })).toEqual([
      `${lacking} is missing: WeChat Pay needs it`,
    ]);
  });

  const OUR_PUBLIC_PEM = ours.publicKey.export({ type: "spki", format: "pem" }).toString();
  test.each([
    [{ ...ALIPAY, ALIPAY_PUBLIC_KEY: OUR_PUBLIC_PEM }, "ALIPAY_PUBLIC_KEY is your application's public key"],
    [
      { ...WECHAT_PAY, WECHAT_PAY_PUBLIC_KEY: OUR_PUBLIC_PEM },
      "WECHAT_PAY_PUBLIC_KEY is of your merchant certificate",
    ],
    [
      { ...WECHAT_PAY, WECHAT_PAY_SERIAL_NO: WECHAT_PAY.WECHAT_PAY_PUBLIC_KEY_ID },
      "WECHAT_PAY_SERIAL_NO is WECHAT_PAY_PUBLIC_KEY_ID",
    ],
    [
      {
        ...WECHAT_PAY,
        WECHAT_PAY_PREVIOUS_KEY: PUBLIC_PEM,
        WECHAT_PAY_PREVIOUS_KEY_ID: WECHAT_PAY.WECHAT_PAY_PUBLIC_KEY_ID,
      },
      "WECHAT_PAY_PREVIOUS_KEY_ID must differ from WECHAT_PAY_PUBLIC_KEY_ID",
    ],
  ])(
    "whose keys can't be the right ones is refused: no answer of it would be believed (%#)",
    (settings, problem) => {
      expect(problemsOf(settings)).toEqual([expect.stringContaining(problem)]);
    },
  );

  test("whose certificate has another serial number than is set is refused, with the right one", () => {
    const { cert: certificate } = makeCertificate("WeChat Pay", { rsa: true, issuer: makeAuthority() });
    const serial = new X509Certificate(certificate).serialNumber;
    const settings = { ...WECHAT_PAY, WECHAT_PAY_PUBLIC_KEY: certificate };
    expect(problemsOf(settings)).toEqual([
      `WECHAT_PAY_PUBLIC_KEY_ID must be the serial number of the certificate in WECHAT_PAY_PUBLIC_KEY, ${serial}`,
    ]);
    expect(problemsOf({ ...settings, WECHAT_PAY_PUBLIC_KEY_ID: serial })).toEqual([]);
  });

  test("that can be reached at PAYMENT_SERVICE_URL needs no other address for callbacks", () => {
    const url = { PAYMENT_CALLBACK_BASE_URL: "", PAYMENT_SERVICE_URL: "https://api.example" };
    expect(problemsOf({ ...ALIPAY, ...url })).toEqual([]);
  });

  test.each([
    ["PAYMENT_CALLBACK_BASE_URL", "ftp://shop.example"],
    ["PAYMENT_CALLBACK_BASE_URL", "https://shop.example/?shop=1"],
    ["ALIPAY_GATEWAY", "openapi.alipay.com"],
    ["ALIPAY_CHECKOUT", "popup"],
    ["ALIPAY_RETURN_URL", "javascript:alert(1)"],
    ["WECHAT_PAY_GATEWAY", "api.mch.weixin.qq.com"],
  ])("%s=%s is refused, by name", (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).toContain(JSON.stringify(value));
  });

  test.each([
    ["ALIPAY_APP_ID", ALIPAY],
    ["WECHAT_PAY_MCH_ID", WECHAT_PAY],
    ["WECHAT_PAY_APP_ID", WECHAT_PAY],
    ["WECHAT_PAY_SERIAL_NO", WECHAT_PAY],
    ["WECHAT_PAY_PUBLIC_KEY_ID", WECHAT_PAY],
  ])("%s is refused with a space or a line's end that was copied with it", (name, settings) => {
    const [id] = Object.entries(settings).flatMap(([key, value]) => (key === name ? [value] : []));
    for (const value of [` ${id}`, `${id} `, `${id}\n`]) {
      expect(problemsOf({ ...settings, [name]: value })).toEqual([
        expect.stringMatching(new RegExp(`^${name} must be the id alone, without spaces`)),
      ]);
    }
  });

  test("SANDBOX_SECRET must not be guessed once play money is for everybody", () => {
    const problem = "SANDBOX_SECRET must have at least 32 characters with DEBUG=False";
    expect(problemsOf({ SANDBOX_SECRET: "a" })).toEqual([problem]);
    expect(problemsOf({ SANDBOX_SECRET: "a", DEBUG: "True" })).toEqual([]);
    expect(problemsOf({ SANDBOX_SECRET: "a".repeat(32) })).toEqual([]);
  });

  test("the sandbox is not offered by a function whose secret can be guessed, whoever started it", () => {
    const offered = (secret: string, debug: boolean) => {
      const { provider } = testWorld().sandbox;
      return offeredProviders({ SANDBOX_SECRET: secret }, debug, provider).has("sandbox");
    };
    expect([offered("", false), offered("a", false), offered("a".repeat(32), false)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(offered("", true)).toBe(true);
  });

  test("of a wrong APIv3 key is refused without showing it", () => {
    const [problem] = problemsOf({ ...WECHAT_PAY, WECHAT_PAY_API_V3_KEY: "too-short" });
    expect(problem).toBe("WECHAT_PAY_API_V3_KEY must have 32 characters");
  });
});

describe("a key", () => {
  const bare = (type: "pkcs8" | "pkcs1") => privateKey.export({ type, format: "der" }).toString("base64");
  const oneLine = PRIVATE_PEM.replaceAll("\n", "\\n");

  test.each([
    ["PEM", PRIVATE_PEM],
    ["PEM in one line", oneLine],
    ["PKCS #1 PEM", privateKey.export({ type: "pkcs1", format: "pem" }).toString()],
    ["base64 of PKCS #8", bare("pkcs8")],
    ["base64 of PKCS #1", bare("pkcs1")],
  ])("may be %s", (_, ALIPAY_PRIVATE_KEY) => {
    expect(read({ ...ALIPAY, ALIPAY_PRIVATE_KEY })["ALIPAY_PRIVATE_KEY"]).toBe(PRIVATE_PEM);
  });

  test("may be public as base64 alone", () => {
    const ALIPAY_PUBLIC_KEY = publicKey.export({ type: "spki", format: "der" }).toString("base64");
    expect(read({ ...ALIPAY, ALIPAY_PUBLIC_KEY })["ALIPAY_PUBLIC_KEY"]).toBe(PUBLIC_PEM);
  });

  test("may be in a file, which must be there", () => {
    const folder = mkdtempSync(join(tmpdir(), "cfmp-keys-"));
    const path = join(folder, "key.pem");
    writeFileSync(path, PRIVATE_PEM);
    const settings = { ...ALIPAY, ALIPAY_PRIVATE_KEY: `file:${path}` };
    expect(read(settings)["ALIPAY_PRIVATE_KEY"]).toBe(PRIVATE_PEM);
    rmSync(folder, { recursive: true });
    expect(problemsOf(settings)).toEqual([
      "ALIPAY_PRIVATE_KEY must be a private RSA key: PEM, its base64 alone, or file:<path> (no such file)",
    ]);
  });

  test.each([
    ["ALIPAY_PRIVATE_KEY", "nonsense-key"],
    ["ALIPAY_PRIVATE_KEY", PUBLIC_PEM],
    ["ALIPAY_PUBLIC_KEY", PRIVATE_PEM],
    [
      "ALIPAY_PUBLIC_KEY",
      generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString(),
    ],
  ])("%s of another kind is refused by its name, and never shown", (name, value) => {
    const problems = problemsOf({ ...ALIPAY, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} must be a (private|public) RSA key`));
    expect(problems[0]).not.toContain(value.slice(0, 12));
  });
});
