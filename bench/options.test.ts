import { expect, test } from "@jest/globals";
import { commandOf, effortOf, optionsOf } from "./options.ts";

test("the page names the command that gives its figures", () => {
  expect(commandOf(optionsOf(["--write"]))).toBe("npm run bench");
  expect(commandOf(optionsOf(["--quick", "--stored", "1000"]))).toBe(
    "npm run bench -- --quick --stored 1000",
  );
});

test("--rounds says how many paired runs there are", () => {
  expect(effortOf(optionsOf(["--rounds", "7"])).rounds).toBe(7);
  expect(effortOf(optionsOf(["--quick"])).rounds).toBe(2);
});

test("the other checkout may be given from where the command runs", () => {
  expect(optionsOf(["--against", "."]).against).toBe(process.cwd());
  expect(optionsOf([]).against).toBeUndefined();
});

test("an option that does not exist is refused", () => {
  expect(() => optionsOf(["--fast"])).toThrow("fast");
});
