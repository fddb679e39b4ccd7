import { expect, test } from "@jest/globals";
import { RegistryFull } from "../request-error.ts";
import { Watchers } from "./watchers.ts";

const [one, other] = [{ name: "one" }, { name: "other" }];

test("those who watch a topic are known with what each said last", () => {
  const watchers = new Watchers<object, string>();
  expect(watchers.watch("a", one, "1")).toBe(true);
  expect(watchers.watch("a", one, "2")).toBe(false);
  watchers.watch("a", other, "3");
  watchers.watch("b", other, "4");
  expect(watchers.of("a")).toEqual([
    [one, "2"],
    [other, "3"],
  ]);
  watchers.unwatch("a", one);
  expect(watchers.of("a")).toEqual([[other, "3"]]);
});

test("one who leaves watches nothing any more", () => {
  const watchers = new Watchers<object, string>();
  watchers.watch("a", one, "");
  watchers.watch("b", one, "");
  watchers.leave(one);
  watchers.leave(other);
  expect([...watchers.of("a"), ...watchers.of("b")]).toEqual([]);
});

test("nobody can watch without end", () => {
  const watchers = new Watchers<object, number>();
  const watchAll = () => {
    for (let topic = 0; topic < 20_000; topic += 1) watchers.watch(String(topic), one, topic);
  };
  expect(watchAll).toThrow(RegistryFull);
  expect(watchers.watch("0", one, 0)).toBe(false);
  expect(watchers.watch("a", other, 0)).toBe(true);
});
