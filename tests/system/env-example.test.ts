// .env.example lists every setting.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { services } from "../../functions/services.ts";
import { settingNames } from "../../functions/settings.ts";
import { loadConfig } from "../../lib/config/env.ts";
import { servicePorts } from "../../lib/config/service-settings.ts";

const lines = readFileSync(new URL("../../.env.example", import.meta.url), "utf8").split("\n");
const settings = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split("="));
const values = Object.fromEntries(settings.map(([name, ...rest]) => [name, rest.join("=")]));

describe(".env.example", () => {
  test("lists every setting once, and no other", () => {
    expect(settings.map(([name]) => name).sort()).toEqual([...settingNames].sort());
  });

  test("holds values that are accepted", () => {
    expect(() => loadConfig(values)).not.toThrow();
    expect(() => servicePorts(services, values)).not.toThrow();
  });

  test("shows the defaults, apart from the laptop's DEBUG and NACOS_SERVER", () => {
    const { DEBUG: _debug, NACOS_SERVER: _server, ...shown } = loadConfig(values);
    const { DEBUG: _noDebug, ...defaults } = loadConfig({});
    expect(shown).toEqual(defaults);
    expect(servicePorts(services, values)).toEqual(servicePorts(services, {}));
  });
});
