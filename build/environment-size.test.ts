import { describe, expect, test } from "@jest/globals";
import { MAX_ENVIRONMENT_BYTES, oversizedEnvironments } from "./environment-size.ts";

/** An environment whose JSON has `bytes`. */
const ofBytes = (bytes: number) => ({ A: "x".repeat(bytes - '{"A":""}'.length) });

describe("the environment of a function", () => {
  test("may have as many bytes as Lambda takes, names and values and all", () => {
    expect(oversizedEnvironments({ one: ofBytes(MAX_ENVIRONMENT_BYTES) }, {})).toEqual([]);
    expect(oversizedEnvironments({ one: ofBytes(MAX_ENVIRONMENT_BYTES + 1) }, {})).toEqual([
      "The environment of one has 4097 bytes, and Lambda takes 4096. The largest settings: A (4089)",
    ]);
  });

  test("is counted in bytes, not in characters, and with what is escaped", () => {
    expect(oversizedEnvironments({ one: { A: "界".repeat(1_400) } }, {})).toHaveLength(1);
    expect(oversizedEnvironments({ one: { A: "\n".repeat(2_100) } }, {})).toHaveLength(1);
  });

  test("has the settings of all functions in it, of which its own take precedence", () => {
    const shared = { A: "x".repeat(3_000), B: "y".repeat(2_000) };
    expect(oversizedEnvironments({ one: {}, two: { A: "" } }, shared)).toEqual([
      expect.stringMatching(/^The environment of one has .*: A \(3000\), B \(2000\)$/),
    ]);
  });

  test("is complained of once where functions share it, by the names and sizes of the largest settings alone", () => {
    const own = { SECRET_KEY: "hunter2".repeat(600), B: "1", C: "22", D: "333", E: "4444" };
    const [line = "", ...more] = oversizedEnvironments({ one: own, two: own, three: own, small: {} }, {});
    expect(more).toEqual([]);
    expect(line).toMatch(
      /^The environment of one and 2 more has .*SECRET_KEY \(4200\), E \(4\), D \(3\), C \(2\)$/,
    );
    expect(line).not.toContain("hunter2");
  });

  test("has room for what only the deployment knows", () => {
    const url = { "Fn::GetAtt": ["HttpApi", "ApiEndpoint"] };
    expect(oversizedEnvironments({ one: { URL: url, A: "x".repeat(4_000) } }, {})).toEqual([]);
    expect(oversizedEnvironments({ one: { URL: url, A: "x".repeat(4_060) } }, {})).toHaveLength(1);
  });
});
