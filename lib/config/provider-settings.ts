// Settings of the payment providers: each provider is set whole or not at all.

import * as z from "zod";
import { privateRsaKey, publicRsaKey } from "./rsa-key.ts";
import { MIN_SECRET_LENGTH } from "./secrets.ts";
import { httpUrl, oneOf, optionalText } from "./setting-types.ts";

/** The settings, as part of the environment. */
export const providerSettings = {
  SANDBOX_SECRET: optionalText,
  PAYMENT_CALLBACK_BASE_URL: httpUrl.optional(),
  ALIPAY_APP_ID: optionalText,
  ALIPAY_PRIVATE_KEY: privateRsaKey.optional(),
  ALIPAY_PUBLIC_KEY: publicRsaKey.optional(),
  ALIPAY_GATEWAY: httpUrl.default("https://openapi.alipay.com/gateway.do"),
  ALIPAY_CHECKOUT: oneOf("page", "qr").default("page"),
  ALIPAY_RETURN_URL: httpUrl.optional(),
  WECHAT_PAY_MCH_ID: optionalText,
  WECHAT_PAY_APP_ID: optionalText,
  WECHAT_PAY_SERIAL_NO: optionalText,
  WECHAT_PAY_PRIVATE_KEY: privateRsaKey.optional(),
  WECHAT_PAY_PUBLIC_KEY: publicRsaKey.optional(),
  WECHAT_PAY_PUBLIC_KEY_ID: optionalText,
  WECHAT_PAY_API_V3_KEY: z
    .string()
    .refine((value) => Buffer.byteLength(value) === 32, "must have 32 characters")
    .optional(),
  WECHAT_PAY_GATEWAY: httpUrl.default("https://api.mch.weixin.qq.com"),
};

/** What a provider can't do without; with one of them set, all must be. */
const NEEDED = {
  Alipay: ["ALIPAY_APP_ID", "ALIPAY_PRIVATE_KEY", "ALIPAY_PUBLIC_KEY"],
  "WeChat Pay": [
    "WECHAT_PAY_MCH_ID",
    "WECHAT_PAY_APP_ID",
    "WECHAT_PAY_SERIAL_NO",
    "WECHAT_PAY_PRIVATE_KEY",
    "WECHAT_PAY_PUBLIC_KEY",
    "WECHAT_PAY_PUBLIC_KEY_ID",
    "WECHAT_PAY_API_V3_KEY",
  ],
} as const;

/** What is wrong with the providers' settings together, a line each: some are set in part, or the sandbox's secret is short. */
export function providerProblems(
  config: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const missing = Object.entries(NEEDED).flatMap(([provider, names]) => {
    const lacking = names.filter((name) => config[name] === undefined);
    if (lacking.length === names.length) return [];
    const callbacks = config["PAYMENT_CALLBACK_BASE_URL"] ?? (env["PAYMENT_SERVICE_URL"] || undefined);
    const all = callbacks === undefined ? [...lacking, "PAYMENT_CALLBACK_BASE_URL"] : lacking;
    return all.map((name) => `${name} is missing: ${provider} needs it`);
  });
  return [...missing, ...shortSecret(config)];
}

/** With DEBUG anybody may tell the sandbox what to do; without it, who can sign its callbacks. */
function shortSecret({ DEBUG, SANDBOX_SECRET }: Readonly<Record<string, unknown>>): readonly string[] {
  if (DEBUG === true || typeof SANDBOX_SECRET !== "string" || SANDBOX_SECRET.length >= MIN_SECRET_LENGTH)
    return [];
  return [`SANDBOX_SECRET must have at least ${MIN_SECRET_LENGTH} characters with DEBUG=False`];
}
