import { expect, test } from "@jest/globals";
import { isOfflineStart, stageOf } from "./command.ts";

const argv = (line: string): string[] => ["node", "serverless.js", ...line.split(" ").filter(Boolean)];

test.each(["offline start", "offline start --service orders", "offline start --httpPort 8011 --noTimeout"])(
  "`%s` serves",
  (line) => {
    expect(isOfflineStart(argv(line))).toBe(true);
  },
);

test.each([
  "",
  "offline",
  "offline start --help",
  "offline start -h",
  "offline start --service orders --version",
  "offline start -v",
  "offline start functions",
  "offline --httpPort 8011 start",
  "package",
  "print --path offline start",
])("`%s` does not", (line) => {
  expect(isOfflineStart(argv(line))).toBe(false);
});

test("the stage is the one that is given, or dev", () => {
  expect([stageOf([]), stageOf(["--stage", "test"]), stageOf(["-s", "prod"])]).toEqual([
    "dev",
    "test",
    "prod",
  ]);
});
