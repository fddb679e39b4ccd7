// .env.example is where people learn what can be set; it must not fall behind.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { loadConfig, SETTINGS } from "../../lib/config/env.ts";

const lines = readFileSync(new URL("../../.env.example", import.meta.url), "utf8").split("\n");
const settings = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split("="));
const values = Object.fromEntries(settings.map(([name, ...rest]) => [name, rest.join("=")]));

describe(".env.example", () => {
  test("lists every setting, in the order of the schema, and no other", () => {
    expect(settings.map(([name]) => name)).toEqual(SETTINGS);
  });

  test("holds values that are accepted", () => {
    expect(() => loadConfig(values)).not.toThrow();
  });

  test("shows the defaults, apart from the laptop's DEBUG and DB_ENGINE", () => {
    const { DEBUG: _debug, DB_ENGINE: _engine, ...shown } = loadConfig(values);
    const { DEBUG: _noDebug, DB_ENGINE: _noEngine, ...defaults } = loadConfig({});
    expect(shown).toEqual(defaults);
  });
});
