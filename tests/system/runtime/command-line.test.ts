// Commands that only print something: they start no process, and so leave none behind.

import { expect, test } from "@jest/globals";
import { failToStart } from "../../support/system.ts";

test.each([
  ["--help", /--service .*gateway/],
  ["--version", /osls version: \d/],
])("npm start -- %s prints, and starts nothing", async (option, printed) => {
  const { code, stdout, stderr, pids } = await failToStart({ args: [option] });
  // The helper and the sidecar would outlive the command by some seconds.
  expect(pids()).toEqual([]);
  expect(stdout).toMatch(printed);
  expect([code, stderr]).toEqual([0, ""]);
});
