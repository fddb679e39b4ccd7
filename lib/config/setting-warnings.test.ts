import { expect, test } from "@jest/globals";
import { settingWarnings } from "./setting-warnings.ts";

const SETTINGS = ["SECRET_KEY", "NACOS_SERVER"];

test("a name that is nearly a setting's is pointed out", () => {
  const env = { SECRET_KEY: "x", NACOS_SEVER: "nacos", HOME: "/root" };
  expect(settingWarnings({ DEBUG: true }, env, SETTINGS)).toEqual([
    "There is no setting NACOS_SEVER; is NACOS_SERVER meant?",
  ]);
});

test("a long key that is not random is pointed out where it counts, and not shown", () => {
  const SECRET_KEY = "abcabc".repeat(8);
  expect(settingWarnings({ DEBUG: true, SECRET_KEY }, {}, SETTINGS)).toEqual([]);
  const [warning, ...more] = settingWarnings({ DEBUG: false, SECRET_KEY }, {}, SETTINGS);
  expect(warning).toMatch(/^SECRET_KEY repeats few characters/);
  expect(warning).not.toContain("abc");
  expect(more).toEqual([]);
  const random = "q1Zt0bXvN7d3Kf5Rm2Yc8Lw4Hs6Gj9Pa";
  expect(settingWarnings({ DEBUG: false, SECRET_KEY: random }, {}, SETTINGS)).toEqual([]);
});

test("a control room that was asked for, but is not there without DEBUG, is pointed out", () => {
  const asked = { CONTROL_ROOM_PORT: 8010, SECRET_KEY: "q1Zt0bXvN7d3Kf5Rm2Yc8Lw4Hs6Gj9Pa" };
  expect(settingWarnings({ DEBUG: true, ...asked }, {}, SETTINGS)).toEqual([]);
  expect(settingWarnings({ DEBUG: false, ...asked }, {}, SETTINGS)).toEqual([
    expect.stringMatching(/^CONTROL_ROOM_PORT is 8010, .* DEBUG=True/),
  ]);
});
