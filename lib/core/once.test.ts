import { expect, test } from "@jest/globals";
import { once } from "./once.ts";

test("what there is one of is made when it is first needed, and then no more", () => {
  let made = 0;
  const only = once(() => {
    made += 1;
    return undefined;
  });
  expect(made).toBe(0);
  only();
  only();
  expect(made).toBe(1);
});

test("what could not be made is tried again", () => {
  let ready = false;
  const only = once(() => {
    if (!ready) throw new Error("a setting is missing");
    return "made";
  });
  expect(only).toThrow("a setting is missing");
  ready = true;
  expect(only()).toBe("made");
});
