// The provider WeChat Pay: the payer scans a code.

import * as z from "zod";
import { privateRsaKey, publicRsaKey } from "../../../../lib/config/rsa-key.ts";
import { httpUrl, optionalText } from "../../../../lib/config/setting-types.ts";
import { defineProvider } from "../definition.ts";
import { wechatPayReplies } from "./replies.ts";

export const wechatPay = defineProvider({
  method: "wechat_pay",
  name: "WeChat Pay",
  needed: {
    WECHAT_PAY_MCH_ID: z.string().describe("Your merchant number"),
    WECHAT_PAY_APP_ID: z.string().describe("Id of the application that is bound to it"),
    WECHAT_PAY_SERIAL_NO: z.string().describe("Serial number of your merchant certificate"),
    WECHAT_PAY_PRIVATE_KEY: privateRsaKey.describe("The private key of that certificate"),
    WECHAT_PAY_PUBLIC_KEY: publicRsaKey.describe("WeChat Pay's public key, or a platform certificate"),
    WECHAT_PAY_PUBLIC_KEY_ID: z
      .string()
      .describe("The id of that public key (PUB_KEY_ID_…), or the certificate's serial number"),
    WECHAT_PAY_API_V3_KEY: z
      .string()
      .refine((value) => Buffer.byteLength(value) === 32, "must have 32 characters")
      .describe("The APIv3 key, 32 characters"),
  },
  further: {
    WECHAT_PAY_PREVIOUS_KEY: publicRsaKey
      .optional()
      .describe(
        "Only while a public key and a certificate change to one another: the one that was set above before, so that answers by both are taken",
      ),
    WECHAT_PAY_PREVIOUS_KEY_ID: optionalText.describe("Its id or serial number"),
    WECHAT_PAY_GATEWAY: httpUrl
      .default("https://api.mch.weixin.qq.com")
      .describe("Where WeChat Pay is called"),
  },
  pairs: [["WECHAT_PAY_PREVIOUS_KEY", "WECHAT_PAY_PREVIOUS_KEY_ID"]],
  checks: { whileLive: 30_000, afterEnd: 600_000 },
  replies: wechatPayReplies,
  async load(settings, notifyUrl) {
    const { WECHAT_PAY_PREVIOUS_KEY: previous, WECHAT_PAY_PREVIOUS_KEY_ID: previousId = "" } = settings;
    const { createWechatPay } = await import("./wechat-pay.ts");
    return createWechatPay({
      merchantId: settings.WECHAT_PAY_MCH_ID,
      appId: settings.WECHAT_PAY_APP_ID,
      serial: settings.WECHAT_PAY_SERIAL_NO,
      privateKey: settings.WECHAT_PAY_PRIVATE_KEY,
      publicKey: settings.WECHAT_PAY_PUBLIC_KEY,
      publicKeyId: settings.WECHAT_PAY_PUBLIC_KEY_ID,
      ...(previous === undefined ? {} : { previousKey: { id: previousId, key: previous } }),
      apiV3Key: settings.WECHAT_PAY_API_V3_KEY,
      gateway: settings.WECHAT_PAY_GATEWAY,
      notifyUrl,
    });
  },
});
