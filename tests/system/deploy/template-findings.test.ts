import { describe, expect, test } from "@jest/globals";
import { KNOWN_FINDINGS } from "./known-findings.ts";
import { findingsOf, fromCfnLint, fromCheckov, type KnownFinding, unexplained } from "./template-findings.ts";

const TYPES = { stack: { Code: "AWS::S3::Bucket", Logs: "AWS::S3::Bucket", Mail: "AWS::SQS::Queue" } };
const broken = (...ids: readonly string[]) =>
  findingsOf(
    ids.map((id) => ({ template: "stack", rule: "R1", text: "Encrypt it", id })),
    TYPES,
  );
const known = (of?: RegExp): readonly KnownFinding[] => [
  {
    template: "stack",
    rule: "R1",
    type: "AWS::S3::Bucket",
    why: "It may.",
    ...(of === undefined ? {} : { of }),
  },
];

describe("a finding", () => {
  test("is of a rule and a type of resource, with each resource once", () => {
    expect(broken("Logs", "Code", "Logs", "Mail")).toEqual([
      { template: "stack", rule: "R1", type: "AWS::S3::Bucket", ids: ["Code", "Logs"], text: "Encrypt it" },
      { template: "stack", rule: "R1", type: "AWS::SQS::Queue", ids: ["Mail"], text: "Encrypt it" },
    ]);
  });

  test("with a reason is no problem: for all of the type, or for those that it names", () => {
    expect(unexplained(broken("Code", "Logs"), known(), TYPES)).toEqual([]);
    expect(unexplained(broken("Code"), known(/^Code$/), TYPES)).toEqual([]);
  });

  test("without a reason is one", () => {
    expect(unexplained(broken("Mail"), [], TYPES)).toEqual([
      "stack: R1 of AWS::SQS::Queue is new, in Mail: Encrypt it. Mend it, or give a reason",
    ]);
    expect(unexplained(broken("Code", "Logs"), known(/^Code$/), TYPES)).toEqual([
      "stack: R1 of AWS::S3::Bucket has no reason for Logs: Encrypt it",
    ]);
  });

  test("that is no longer there makes its reason one, also where it is gone in part", () => {
    expect(unexplained([], known(), TYPES)).toEqual([
      "stack: R1 of AWS::S3::Bucket has a reason, but is not found: take the reason out",
    ]);
    for (const some of [undefined, /Code|Logs/])
      expect(unexplained(broken("Code"), known(some), TYPES)).toEqual([
        "stack: R1 of AWS::S3::Bucket has a reason for Logs, where it is not found",
      ]);
  });
});

test("every reason is a sentence of its own line, and no finding has two", () => {
  const names = KNOWN_FINDINGS.map(({ template, rule, type }) => `${template} ${rule} ${type}`);
  expect(new Set(names).size).toBe(names.length);
  for (const { why } of KNOWN_FINDINGS) expect(why.length).toBeGreaterThan(20);
});

describe("reports", () => {
  const templateOf = (file: string) => file.replace(/^.*\/|\.json$/g, "");

  test("of cfn-lint are read", () => {
    const one = {
      Filename: "/t/stack.json",
      Message: "Not needed",
      Location: { Path: ["Resources", "Code", "DependsOn", 0] },
      Rule: { Id: "W3005" },
    };
    expect(fromCfnLint(JSON.stringify([one]), templateOf)).toEqual([
      { template: "stack", rule: "W3005", id: "Code", text: "Not needed" },
    ]);
  });

  test("of checkov are read, unless it could not read a template", () => {
    const report = (summary: object) =>
      JSON.stringify({
        summary: { parsing_errors: 0, resource_count: 3, ...summary },
        results: {
          failed_checks: [
            {
              check_id: "CKV_AWS_18",
              check_name: "Log access",
              resource: "AWS::S3::Bucket.Code",
              file_abs_path: "/t/stack.json",
            },
          ],
        },
      });
    expect(fromCheckov(report({}), templateOf)).toEqual([
      { template: "stack", rule: "CKV_AWS_18", id: "Code", text: "Log access" },
    ]);
    expect(() => fromCheckov(report({ parsing_errors: 1 }), templateOf)).toThrow("could not read all");
    expect(() => fromCheckov(report({ resource_count: 0 }), templateOf)).toThrow("0 resources");
  });
});
