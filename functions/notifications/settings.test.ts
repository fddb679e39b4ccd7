import { describe, expect, test } from "@jest/globals";
import { derivedVapidKey } from "./push/vapid-keys.ts";
import { linkBase, notificationSettings, settingProblems, vapidKeysOf } from "./settings.ts";

const ONE = derivedVapidKey("one");

describe("The settings of notifications", () => {
  test("have defaults", () => {
    expect(notificationSettings({})).toEqual({
      DEFAULT_LOCALE: "en",
      MAIL_TIME_ZONE: "UTC",
      NOTIFICATION_DAYS: 730,
      VAPID_PRIVATE_KEY_FALLBACKS: [],
    });
    expect(settingProblems({}, false)).toEqual([]);
  });

  test.each([
    ["DEFAULT_LOCALE", "de", "must be one of en, zh-CN"],
    ["MAIL_TIME_ZONE", "Beijing", "must be a time zone such as Asia/Shanghai"],
    ["MAIL_LINK_BASE_URL", "shop.example", "must be a URL that begins with http:// or https://"],
    ["MAIL_LINK_BASE_URL", "http://shop.example", "must begin with https://"],
    ["VAPID_PRIVATE_KEY", "a".repeat(42), "must be a private key of P-256"],
    ["VAPID_PRIVATE_KEY", "A".repeat(43), "must be a private key of P-256"],
    ["VAPID_PRIVATE_KEY_FALLBACKS", `${ONE.privateKey},short`, "must be a private key of P-256"],
    ["NOTIFICATION_DAYS", "-1", "must be"],
    ["VAPID_SUBJECT", "ops@shop.example", "must be mailto:<address> or an https:// URL"],
  ])("refuse %s=%s by name", (name, value, problem) => {
    expect(settingProblems({ [name]: value }, false)).toEqual([
      expect.stringContaining(`${name} ${problem}`),
    ]);
  });

  test("take http for links with DEBUG", () => {
    expect(settingProblems({ MAIL_LINK_BASE_URL: "http://127.0.0.1:8000" }, true)).toEqual([]);
  });

  test("have the VAPID keys that are set, then those that follow from the secrets", () => {
    const keys = (env: Record<string, string>) =>
      vapidKeysOf(notificationSettings(env), ["now", "before"]).map(({ publicKey }) => publicKey);
    const derived = ["now", "before"].map((secret) => derivedVapidKey(secret).publicKey);
    const other = derivedVapidKey("other");
    expect(keys({})).toEqual(derived);
    expect(
      keys({ VAPID_PRIVATE_KEY: ONE.privateKey, VAPID_PRIVATE_KEY_FALLBACKS: other.privateKey }),
    ).toEqual([ONE.publicKey, other.publicKey, ...derived]);
  });

  test("show no VAPID key where it is wrong", () => {
    expect(settingProblems({ VAPID_PRIVATE_KEY: "hunter2" }, false).join()).not.toContain("hunter2");
  });

  const laptop = { DEBUG: true, GATEWAY_PORT: 8000 };
  const server = { DEBUG: false, GATEWAY_PORT: 8000 };
  test.each([
    [
      { MAIL_LINK_BASE_URL: "https://m.example", NOTIFICATION_SERVICE_URL: "https://n.example" },
      server,
      "https://m.example",
    ],
    [{ NOTIFICATION_SERVICE_URL: "https://n.example" }, server, "https://n.example"],
    [{ NOTIFICATION_SERVICE_URL: "http://10.0.0.3:8003" }, server, undefined],
    [{}, server, undefined],
    [{}, laptop, "http://127.0.0.1:8000"],
    [{}, { DEBUG: true, GATEWAY_PORT: undefined }, undefined],
  ])("with %j, %j have links below %s", (env, config, base) => {
    expect(linkBase(env, config)).toBe(base);
  });
});
