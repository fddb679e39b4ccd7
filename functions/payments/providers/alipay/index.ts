// The provider Alipay: the payer is redirected to a page, or scans a code.

import { isPair, privateRsaKey, publicRsaKey } from "../../../../lib/config/rsa-key.ts";
import { givenId, httpUrl, oneOf } from "../../../../lib/config/setting-types.ts";
import { defineProvider } from "../definition.ts";
import { alipayReplies } from "./replies.ts";

export const alipay = defineProvider({
  method: "alipay",
  name: "Alipay",
  needed: {
    ALIPAY_APP_ID: givenId.describe("Id of your application at Alipay"),
    ALIPAY_PRIVATE_KEY: privateRsaKey.describe("Your application's key"),
    ALIPAY_PUBLIC_KEY: publicRsaKey.describe("Alipay's key"),
  },
  further: {
    ALIPAY_GATEWAY: httpUrl
      .default("https://openapi.alipay.com/gateway.do")
      .describe("https://openapi-sandbox.dl.alipaydev.com/gateway.do is Alipay's own sandbox"),
    ALIPAY_CHECKOUT: oneOf("page", "qr")
      .default("page")
      .describe("page: the payer is sent to Alipay's page; qr: they scan a code"),
    ALIPAY_RETURN_URL: httpUrl.optional().describe("Where Alipay's page sends the payer afterwards"),
  },
  contradictions: ({ ALIPAY_PRIVATE_KEY: ours, ALIPAY_PUBLIC_KEY: theirs }) =>
    isPair(ours, theirs)
      ? [
          "ALIPAY_PUBLIC_KEY is your application's public key: it must be Alipay's, which Alipay shows beside it",
        ]
      : [],
  // Alipay can't close a trade it does not know: a payer who opens the page of a cancelled attempt can still pay.
  checks: { whileLive: 30_000, afterEnd: 600_000 },
  replies: alipayReplies,
  async load(settings, notifyUrl) {
    const { createAlipay } = await import("./alipay.ts");
    return createAlipay({
      appId: settings.ALIPAY_APP_ID,
      privateKey: settings.ALIPAY_PRIVATE_KEY,
      publicKey: settings.ALIPAY_PUBLIC_KEY,
      gateway: settings.ALIPAY_GATEWAY,
      checkout: settings.ALIPAY_CHECKOUT,
      returnUrl: settings.ALIPAY_RETURN_URL,
      notifyUrl,
      now: Date.now,
    });
  },
});
