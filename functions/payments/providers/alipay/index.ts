// Alipay: a page, or a code to scan.

import { privateRsaKey, publicRsaKey } from "../../../../lib/config/rsa-key.ts";
import { httpUrl, oneOf, optionalText } from "../../../../lib/config/setting-types.ts";
import { defineProvider } from "../definition.ts";
import { alipayReplies } from "./replies.ts";

export const alipay = defineProvider({
  method: "alipay",
  name: "Alipay",
  settings: {
    ALIPAY_APP_ID: optionalText,
    ALIPAY_PRIVATE_KEY: privateRsaKey.optional(),
    ALIPAY_PUBLIC_KEY: publicRsaKey.optional(),
    ALIPAY_GATEWAY: httpUrl.default("https://openapi.alipay.com/gateway.do"),
    ALIPAY_CHECKOUT: oneOf("page", "qr").default("page"),
    ALIPAY_RETURN_URL: httpUrl.optional(),
  },
  needed: ["ALIPAY_APP_ID", "ALIPAY_PRIVATE_KEY", "ALIPAY_PUBLIC_KEY"],
  // It can't close what it has not heard of: a payer who opens a cancelled page still pays.
  checks: { whileLive: 30_000, afterEnd: 600_000 },
  replies: alipayReplies,
  async load(settings, notifyUrl) {
    const { createAlipay } = await import("./alipay.ts");
    return createAlipay({
      appId: settings.ALIPAY_APP_ID ?? "",
      privateKey: settings.ALIPAY_PRIVATE_KEY ?? "",
      publicKey: settings.ALIPAY_PUBLIC_KEY ?? "",
      gateway: settings.ALIPAY_GATEWAY,
      checkout: settings.ALIPAY_CHECKOUT,
      returnUrl: settings.ALIPAY_RETURN_URL,
      notifyUrl,
      now: Date.now,
    });
  },
});
