import { describe, expect, test } from "@jest/globals";
import { linkBase, notificationSettings, settingProblems } from "./settings.ts";

describe("The settings of notifications", () => {
  test("have defaults", () => {
    expect(notificationSettings({})).toEqual({ DEFAULT_LOCALE: "en", MAIL_TIME_ZONE: "UTC" });
    expect(settingProblems({}, false)).toEqual([]);
  });

  test.each([
    ["DEFAULT_LOCALE", "de", "must be one of en, zh-CN"],
    ["MAIL_TIME_ZONE", "Beijing", "must be a time zone such as Asia/Shanghai"],
    ["MAIL_LINK_BASE_URL", "shop.example", "must be a URL that begins with http:// or https://"],
    ["MAIL_LINK_BASE_URL", "http://shop.example", "must begin with https://"],
  ])("refuse %s=%s by name", (name, value, problem) => {
    expect(settingProblems({ [name]: value }, false)).toEqual([
      expect.stringContaining(`${name} ${problem}`),
    ]);
  });

  test("take http for links with DEBUG", () => {
    expect(settingProblems({ MAIL_LINK_BASE_URL: "http://127.0.0.1:8000" }, true)).toEqual([]);
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
