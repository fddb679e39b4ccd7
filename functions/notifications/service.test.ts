import { afterEach, expect, test } from "@jest/globals";
import { putSettings } from "../../lib/config/environment.ts";
import { platform } from "../../lib/platform/platform.ts";
import { notificationService } from "./service.ts";

const environment = { ...process.env };
afterEach(async () => {
  const { database, discovery } = platform();
  await discovery.close();
  await database.close();
  process.env = environment;
});

test("Live connections outlive a change of the settings, which makes another service", () => {
  Object.assign(process.env, {
    DEBUG: "True",
    SECRET_KEY: "a secret of this test and nothing else",
    DB_HOST: "127.0.0.1",
    NACOS_SERVER: "off",
    ORDER_SERVICE_URL: "http://127.0.0.1:1",
    PAYMENT_SERVICE_URL: "http://127.0.0.1:1",
    NOTIFICATION_SERVICE_URL: "http://127.0.0.1:1",
  });
  const before = notificationService();
  putSettings({ SECRET_KEY: "another secret of this test, as long as that one" });
  const after = notificationService();
  expect(after).not.toBe(before);
  expect(after.live).not.toBe(before.live);
  expect(after.live.streams).toBe(before.live.streams);
});
