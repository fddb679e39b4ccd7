import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { paymentService } from "./service.ts";

const before = { ...process.env };
beforeEach(() => {
  process.env = { ...before, DEBUG: "False", SECRET_KEY: "a secret of this test and nothing else" };
});
afterAll(() => {
  process.env = before;
});

describe("PaymentService does not begin with settings that", () => {
  test.each([
    ["sign with a short secret", { SANDBOX_SECRET: "s3".repeat(9) }, /SANDBOX_SECRET must have at least 32/],
    ["make half a provider", { ALIPAY_APP_ID: "2021000000000001" }, /ALIPAY_PRIVATE_KEY is missing/],
    [
      "hold a key that is none",
      {
        ALIPAY_APP_ID: "2021000000000001",
        ALIPAY_PRIVATE_KEY: "resolved to something else",
        ALIPAY_PUBLIC_KEY: "x",
        PAYMENT_CALLBACK_BASE_URL: "https://shop.example",
      },
      /ALIPAY_PRIVATE_KEY/,
    ],
  ])("%s: its functions name the setting, whatever was checked before", (_, settings, why) => {
    Object.assign(process.env, settings);
    expect(() => paymentService()).toThrow(
      expect.objectContaining({ code: "config_invalid", message: expect.stringMatching(why) }),
    );
  });
});
