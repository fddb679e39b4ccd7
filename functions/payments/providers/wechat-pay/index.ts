// WeChat Pay: a code to scan.

import * as z from "zod";
import { privateRsaKey, publicRsaKey } from "../../../../lib/config/rsa-key.ts";
import { httpUrl, optionalText } from "../../../../lib/config/setting-types.ts";
import { defineProvider } from "../definition.ts";
import { wechatPayReplies } from "./replies.ts";

export const wechatPay = defineProvider({
  method: "wechat_pay",
  name: "WeChat Pay",
  settings: {
    WECHAT_PAY_MCH_ID: optionalText,
    WECHAT_PAY_APP_ID: optionalText,
    WECHAT_PAY_SERIAL_NO: optionalText,
    WECHAT_PAY_PRIVATE_KEY: privateRsaKey.optional(),
    WECHAT_PAY_PUBLIC_KEY: publicRsaKey.optional(),
    WECHAT_PAY_PUBLIC_KEY_ID: optionalText,
    WECHAT_PAY_PREVIOUS_KEY: publicRsaKey.optional(),
    WECHAT_PAY_PREVIOUS_KEY_ID: optionalText,
    WECHAT_PAY_API_V3_KEY: z
      .string()
      .refine((value) => Buffer.byteLength(value) === 32, "must have 32 characters")
      .optional(),
    WECHAT_PAY_GATEWAY: httpUrl.default("https://api.mch.weixin.qq.com"),
  },
  needed: [
    "WECHAT_PAY_MCH_ID",
    "WECHAT_PAY_APP_ID",
    "WECHAT_PAY_SERIAL_NO",
    "WECHAT_PAY_PRIVATE_KEY",
    "WECHAT_PAY_PUBLIC_KEY",
    "WECHAT_PAY_PUBLIC_KEY_ID",
    "WECHAT_PAY_API_V3_KEY",
  ],
  pairs: [["WECHAT_PAY_PREVIOUS_KEY", "WECHAT_PAY_PREVIOUS_KEY_ID"]],
  checks: { whileLive: 30_000, afterEnd: 600_000 },
  replies: wechatPayReplies,
  async load(settings, notifyUrl) {
    const { WECHAT_PAY_PREVIOUS_KEY: previous, WECHAT_PAY_PREVIOUS_KEY_ID: previousId = "" } = settings;
    const { createWechatPay } = await import("./wechat-pay.ts");
    return createWechatPay({
      merchantId: settings.WECHAT_PAY_MCH_ID ?? "",
      appId: settings.WECHAT_PAY_APP_ID ?? "",
      serial: settings.WECHAT_PAY_SERIAL_NO ?? "",
      privateKey: settings.WECHAT_PAY_PRIVATE_KEY ?? "",
      publicKey: settings.WECHAT_PAY_PUBLIC_KEY ?? "",
      publicKeyId: settings.WECHAT_PAY_PUBLIC_KEY_ID ?? "",
      ...(previous === undefined ? {} : { previousKey: { id: previousId, key: previous } }),
      apiV3Key: settings.WECHAT_PAY_API_V3_KEY ?? "",
      gateway: settings.WECHAT_PAY_GATEWAY,
      notifyUrl,
    });
  },
});
