import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { ChangedServices } from "./changed-services.ts";
import type { Service } from "./service-table.ts";

const service = (name: string): Service => ({
  id: { namespace: "public", group: "DEFAULT_GROUP", name },
  instances: new Map(),
  changedAt: 1,
});

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test("the first change is pushed at once, later ones together after a while, each service once", () => {
  const pushed: string[] = [];
  const changes = new ChangedServices(({ id: { name } }) => pushed.push(name));
  const [a, b] = [service("a"), service("b")];
  changes.announce(a);
  jest.advanceTimersByTime(0);
  expect(pushed).toEqual(["a"]);
  for (const each of [a, b, a]) changes.announce(each);
  jest.advanceTimersByTime(49);
  expect(pushed).toEqual(["a"]);
  jest.advanceTimersByTime(1);
  expect(pushed).toEqual(["a", "a", "b"]);
});

test("nothing is pushed after the end", () => {
  const pushed: string[] = [];
  const changes = new ChangedServices(({ id: { name } }) => pushed.push(name));
  changes.announce(service("a"));
  changes.close();
  changes.announce(service("b"));
  jest.runAllTimers();
  expect(pushed).toEqual([]);
});
