// The provider WeChat Pay: the payer scans a code.

import * as z from "zod";
import type { Environment } from "../../../../lib/config/env.ts";
import { isPair, privateRsaKey, publicRsaKey, serialNumberIn } from "../../../../lib/config/rsa-key.ts";
import { givenId, httpUrl } from "../../../../lib/config/setting-types.ts";
import { defineProvider } from "../definition.ts";
import { wechatPayReplies } from "./replies.ts";

export const wechatPay = defineProvider({
  method: "wechat_pay",
  name: "WeChat Pay",
  needed: {
    WECHAT_PAY_MCH_ID: givenId.describe("Your merchant number"),
    WECHAT_PAY_APP_ID: givenId.describe("Id of the application that is bound to it"),
    WECHAT_PAY_SERIAL_NO: givenId.describe("Serial number of your merchant certificate"),
    WECHAT_PAY_PRIVATE_KEY: privateRsaKey.describe("The private key of that certificate"),
    WECHAT_PAY_PUBLIC_KEY: publicRsaKey.describe("WeChat Pay's public key, or a platform certificate"),
    WECHAT_PAY_PUBLIC_KEY_ID: givenId.describe(
      "The id of that public key (PUB_KEY_ID_…), or the certificate's serial number",
    ),
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
    WECHAT_PAY_PREVIOUS_KEY_ID: givenId.optional().describe("Its id or serial number"),
    WECHAT_PAY_GATEWAY: httpUrl
      .default("https://api.mch.weixin.qq.com")
      .describe("Where WeChat Pay is called"),
  },
  contradictions,
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

interface Keys {
  readonly WECHAT_PAY_SERIAL_NO: string;
  readonly WECHAT_PAY_PRIVATE_KEY: string;
  readonly WECHAT_PAY_PUBLIC_KEY: string;
  readonly WECHAT_PAY_PUBLIC_KEY_ID: string;
  readonly WECHAT_PAY_PREVIOUS_KEY?: string | undefined;
  readonly WECHAT_PAY_PREVIOUS_KEY_ID?: string | undefined;
}

/** With these, no answer and no callback of WeChat Pay would ever be accepted, or none by the previous key. */
function contradictions(keys: Keys, env: Environment): readonly string[] {
  const named = ["WECHAT_PAY_PUBLIC_KEY", "WECHAT_PAY_PREVIOUS_KEY"] as const;
  const found = named.flatMap((name) => {
    const key = keys[name];
    if (key === undefined) return [];
    const serial = serialNumberIn(env[name] ?? "");
    return [
      ...(isPair(keys.WECHAT_PAY_PRIVATE_KEY, key)
        ? [`${name} is of your merchant certificate: it must be WeChat Pay's`]
        : []),
      ...(serial === undefined || serial === keys[`${name}_ID`]
        ? []
        : [`${name}_ID must be the serial number of the certificate in ${name}, ${serial}`]),
    ];
  });
  const same = keys.WECHAT_PAY_PREVIOUS_KEY_ID === keys.WECHAT_PAY_PUBLIC_KEY_ID;
  return [
    ...found,
    ...(keys.WECHAT_PAY_SERIAL_NO === keys.WECHAT_PAY_PUBLIC_KEY_ID
      ? [
          "WECHAT_PAY_SERIAL_NO is WECHAT_PAY_PUBLIC_KEY_ID: it must be the serial number of your merchant certificate",
        ]
      : []),
    ...(same ? ["WECHAT_PAY_PREVIOUS_KEY_ID must differ from WECHAT_PAY_PUBLIC_KEY_ID"] : []),
  ];
}
