import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { setLogSink } from "../observability/log.ts";
import { putSettings } from "./environment.ts";
import { perSettings } from "./per-settings.ts";

let lines: string[];
beforeEach(() => {
  lines = [];
  setLogSink((_, line) => void lines.push(line));
});
afterEach(() => {
  globalThis.cfmpOrderLogSink = undefined;
});

test("a value is made once for the settings in effect, and anew when they have changed", () => {
  const retired: object[] = [];
  const make = jest.fn(() => ({}));
  const value = perSettings(make, (before) => void retired.push(before));
  const first = value();
  expect(value()).toBe(first);
  expect(make).toHaveBeenCalledTimes(1);
  putSettings({ A: "1" });
  const second = value();
  expect(second).not.toBe(first);
  expect(value()).toBe(second);
  expect(retired).toEqual([first]);
});

test("what can't be made of changed settings stays as it was, which is logged once; the next change is tried", () => {
  const results = [() => "old", () => broken(), () => "new"];
  const value = perSettings(() => results.shift()?.());
  expect(value()).toBe("old");
  putSettings({ A: "2" });
  expect([value(), value()]).toEqual(["old", "old"]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("those before stay in use");
  putSettings({ A: "3" });
  expect(value()).toBe("new");
});

test("what can't be made at first is tried at each call", () => {
  const results = [() => broken(), () => "made"];
  const value = perSettings(() => results.shift()?.());
  expect(value).toThrow("refused");
  expect(value()).toBe("made");
  expect(lines).toEqual([]);
});

function broken(): never {
  throw new Error("refused");
}
