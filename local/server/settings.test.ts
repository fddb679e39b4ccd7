import { expect, test } from "@jest/globals";
import { completeServerSettings } from "./settings.ts";

const given = { NACOS_SERVER: "nacos:8848", SMTP_URL: "smtp://mail:25" };

test("without a word about it a server wants tokens, and embeds nothing", () => {
  const env: NodeJS.ProcessEnv = { ...given, DEBUG: "" };
  completeServerSettings(env);
  expect(env).toEqual({ ...given, DEBUG: "False", DB_ENGINE: "dynamodb", EMBEDDED_REGISTRY: "off" });
});

test.each(["NACOS_SERVER", "SMTP_URL"])("without %s it is refused in a line that names it", (name) => {
  expect(() => completeServerSettings({ ...given, [name]: "" })).toThrow(
    expect.objectContaining({ code: "server_setting_missing", message: expect.stringContaining(name) }),
  );
});

test.each([{ DB_ENGINE: "embedded" }, { EMBEDDED_REGISTRY: "auto" }])("%p is refused", (more) => {
  expect(() => completeServerSettings({ ...given, ...more })).toThrow(
    expect.objectContaining({ code: "server_embeds_nothing" }),
  );
});
