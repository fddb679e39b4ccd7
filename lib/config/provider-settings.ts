// Settings of the payment providers: each is set whole or not at all.

import * as z from "zod";
import { privateRsaKey, publicRsaKey } from "./rsa-key.ts";

const optionalText = z.string().optional();

/** The settings, as part of the environment. */
export const providerSettings = {
  PAYMENT_CALLBACK_BASE_URL: z.url("must be a URL").optional(),
  ALIPAY_APP_ID: optionalText,
  ALIPAY_PRIVATE_KEY: privateRsaKey.optional(),
  ALIPAY_PUBLIC_KEY: publicRsaKey.optional(),
  ALIPAY_GATEWAY: z.url("must be a URL").default("https://openapi.alipay.com/gateway.do"),
  ALIPAY_CHECKOUT: z.enum(["page", "qr"], "must be page or qr").default("page"),
  ALIPAY_RETURN_URL: z.url("must be a URL").optional(),
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
  WECHAT_PAY_GATEWAY: z.url("must be a URL").default("https://api.mch.weixin.qq.com"),
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

/** A missing setting and the provider that needs it. */
export interface MissingSetting {
  readonly name: string;
  readonly provider: string;
}

/** What is missing of the providers that are set in part. */
export function missingSettings(
  config: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): readonly MissingSetting[] {
  return Object.entries(NEEDED).flatMap(([provider, names]) => {
    const missing = names.filter((name) => config[name] === undefined);
    if (missing.length === names.length) return [];
    const callbacks = config["PAYMENT_CALLBACK_BASE_URL"] ?? (env["PAYMENT_SERVICE_URL"] || undefined);
    const all = callbacks === undefined ? [...missing, "PAYMENT_CALLBACK_BASE_URL"] : missing;
    return all.map((name) => ({ name, provider }));
  });
}
