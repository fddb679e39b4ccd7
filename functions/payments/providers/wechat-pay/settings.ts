// What WeChat Pay is reached with.

import type { Config } from "../../../../lib/config/env.ts";
import { callbackUrl } from "../callback-url.ts";

export interface WechatPaySettings {
  readonly merchantId: string;
  readonly appId: string;
  /** Of our merchant certificate. */
  readonly serial: string;
  /** Ours, PKCS #8 PEM. */
  readonly privateKey: string;
  /** WeChat Pay's, PEM, and the id (or the certificate's serial number) that it names in what it signs. */
  readonly publicKey: string;
  readonly publicKeyId: string;
  /** Decrypts callbacks. */
  readonly apiV3Key: string;
  readonly gateway: string;
  readonly notifyUrl: string;
  /** How long an answer is waited for, in milliseconds. */
  readonly timeoutMs?: number;
}

/** The settings, if WeChat Pay is configured. */
export function wechatPaySettings(config: Config): WechatPaySettings | undefined {
  const merchantId = config.WECHAT_PAY_MCH_ID;
  const appId = config.WECHAT_PAY_APP_ID;
  const serial = config.WECHAT_PAY_SERIAL_NO;
  const privateKey = config.WECHAT_PAY_PRIVATE_KEY;
  const publicKey = config.WECHAT_PAY_PUBLIC_KEY;
  const publicKeyId = config.WECHAT_PAY_PUBLIC_KEY_ID;
  const apiV3Key = config.WECHAT_PAY_API_V3_KEY;
  const notifyUrl = callbackUrl(config, "wechat_pay");
  if (!merchantId || !appId || !serial || !privateKey || !notifyUrl) return undefined;
  if (!publicKey || !publicKeyId || !apiV3Key) return undefined;
  const gateway = config.WECHAT_PAY_GATEWAY;
  return { merchantId, appId, serial, privateKey, publicKey, publicKeyId, apiV3Key, gateway, notifyUrl };
}
