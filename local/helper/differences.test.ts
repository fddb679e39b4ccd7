import { describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../lib/config/env.ts";
import {
  describeDifferences,
  helperSettings,
  ownSettings,
  serviceDifferences,
  settingDifferences,
} from "./differences.ts";

const at = (port: number) => ({ host: "127.0.0.1", port });
const mail = (smtpPort: number, pagePort: number) => ({ host: "127.0.0.1", smtpPort, pagePort });

describe("addresses", () => {
  test.each([
    ["the same", { database: at(1), registry: at(2), mail: mail(3, 4) }],
    ["fewer", { registry: at(2) }],
    ["none", {}],
  ])("do not differ where %s are wanted", (_, wanted) => {
    expect(serviceDifferences({ database: at(1), registry: at(2), mail: mail(3, 4) }, wanted)).toEqual([]);
  });

  test("of what does not run yet do not differ", () => {
    expect(serviceDifferences({ database: at(1) }, { registry: at(2), mail: mail(3, 4) })).toEqual([]);
  });

  test("differ one by one", () => {
    const differences = serviceDifferences(
      { database: at(1), registry: at(2), mail: mail(3, 4) },
      { database: at(5), registry: at(6), mail: mail(3, 8) },
    );
    expect(describeDifferences(differences)).toBe(
      "DB_PORT=1 (here 5), NACOS_SERVER=127.0.0.1:2 (here 127.0.0.1:6), MAIL_PAGE_PORT=4 (here 8)",
    );
  });
});

describe("the registry's account", () => {
  const registry = (username?: string, password = "first secret") => ({
    registry: { ...at(2), ...(username !== undefined && { account: { username, password } }) },
  });

  test.each([
    ["another name", registry("nacos"), registry("dev"), "NACOS_USERNAME=nacos (here dev)"],
    ["none", registry("nacos"), registry(), "NACOS_USERNAME=nacos (here (empty))"],
    ["one where it has none", registry(), registry("dev"), "NACOS_USERNAME=(empty) (here dev)"],
    [
      "another password, which is not shown",
      registry("nacos"),
      registry("nacos", "second secret"),
      "NACOS_PASSWORD=one password (here another)",
    ],
    ["the same", registry("nacos"), registry("nacos"), ""],
  ])("that is wanted is %s", (_, running, wanted, described) => {
    expect(describeDifferences(serviceDifferences(running, wanted))).toBe(described);
  });
});

describe("settings of the whole process", () => {
  const settings = (env: Record<string, string>) => helperSettings(loadConfig(env));

  test("are the same as a helper reads from the environment it is started with", () => {
    const given = settings({ LOG_DIR: "logs", LISTENER_CONNECTIONS: "500" });
    expect(ownSettings({ PATH: "/bin", ...given })).toEqual(given);
  });

  test("differ by name", () => {
    const differences = settingDifferences(
      settings({ LOG_DIR: "/a" }),
      settings({ LOG_DIR: "/b", LISTENER_WAIT_SECONDS: "20" }),
    );
    expect(describeDifferences(differences)).toBe("LOG_DIR=/a (here /b), LISTENER_WAIT_SECONDS=10 (here 20)");
  });

  test("of a helper that does not say them do not differ", () => {
    expect(settingDifferences({}, settings({}))).toEqual([]);
  });
});
