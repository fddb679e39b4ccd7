// What Alipay is reached with.

import type { Config } from "../../../../lib/config/env.ts";
import { callbackUrl } from "../callback-url.ts";

export interface AlipaySettings {
  readonly appId: string;
  /** Ours, PKCS #8 PEM. */
  readonly privateKey: string;
  /** Alipay's, PEM. */
  readonly publicKey: string;
  readonly gateway: string;
  readonly checkout: "page" | "qr";
  readonly returnUrl: string | undefined;
  readonly notifyUrl: string;
  /** How long an answer is waited for, in milliseconds. */
  readonly timeoutMs?: number;
  now(): number;
}

/** The settings, if Alipay is configured. */
export function alipaySettings(config: Config): AlipaySettings | undefined {
  const { ALIPAY_APP_ID, ALIPAY_PRIVATE_KEY, ALIPAY_PUBLIC_KEY } = config;
  const notifyUrl = callbackUrl(config, "alipay");
  if (!ALIPAY_APP_ID || !ALIPAY_PRIVATE_KEY || !ALIPAY_PUBLIC_KEY || !notifyUrl) return undefined;
  return {
    appId: ALIPAY_APP_ID,
    privateKey: ALIPAY_PRIVATE_KEY,
    publicKey: ALIPAY_PUBLIC_KEY,
    gateway: config.ALIPAY_GATEWAY,
    checkout: config.ALIPAY_CHECKOUT,
    returnUrl: config.ALIPAY_RETURN_URL,
    notifyUrl,
    now: Date.now,
  };
}
