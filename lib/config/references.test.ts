import { describe, expect, test } from "@jest/globals";
import { isReference, parseReference, referencesIn, withSecrets } from "./references.ts";

const ARN = "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:cfmp/prod/key-AbC123";

describe("a reference", () => {
  test.each([
    ["ssm:/cfmp/prod/secret-key", { store: "ssm", name: "/cfmp/prod/secret-key" }],
    ["secretsmanager:cfmp/prod", { store: "secretsmanager", id: "cfmp/prod", member: undefined }],
    ["secretsmanager:cfmp/prod#key", { store: "secretsmanager", id: "cfmp/prod", member: "key" }],
    [`secretsmanager:${ARN}`, { store: "secretsmanager", id: ARN, member: undefined }],
    [`secretsmanager:${ARN}#key`, { store: "secretsmanager", id: ARN, member: "key" }],
  ])("may be %s", (text, reference) => {
    expect(parseReference(text)).toEqual(reference);
    expect(isReference(text)).toBe(true);
  });

  test.each([
    "ssm:",
    "ssm:cfmp",
    "ssm:/a b",
    "ssm:/a*",
    "secretsmanager:",
    "secretsmanager:a#",
    "secretsmanager:a*",
    "secretsmanager:arn:aws:ssm:us-east-1:123456789012:parameter/a",
  ])("is not %s, which was meant as one", (text) => {
    expect(isReference(text)).toBe(true);
    expect(parseReference(text)).toBeUndefined();
  });

  test.each([
    "",
    "k".repeat(32),
    "smtps://user:ssm@mail.example",
    "https://ssm.example/a,b",
    "{{resolve:ssm:/a}}",
  ])("is not meant by %j", (text) => {
    expect(isReference(text)).toBe(false);
    expect(referencesIn(text)).toEqual([]);
  });
});

test("a list may have references beside secrets; a secret's own text is taken as it is", () => {
  const list = "ssm:/a, plain,secretsmanager:b#c";
  expect(referencesIn(list)).toEqual(["ssm:/a", "secretsmanager:b#c"]);
  const values = new Map([
    ["ssm:/a", "one, two"],
    ["secretsmanager:b#c", "ssm:/a"],
  ]);
  expect(withSecrets(list, values)).toBe("one, two,plain,ssm:/a");
  expect(withSecrets("ssm:/a", values)).toBe("one, two");
});
