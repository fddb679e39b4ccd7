// What linters find in CloudFormation templates, and whether each finding has a reason, and each reason a finding.

import * as z from "zod";

/** A rule that resources of one type break. */
export interface Finding {
  /** Which template. */
  readonly template: string;
  /** The linter's name for it: `CKV_AWS_18`. */
  readonly rule: string;
  readonly type: string;
  /** Logical ids of those that break it. */
  readonly ids: readonly string[];
  /** What the linter says. */
  readonly text: string;
}

/** A finding that stays. */
export interface KnownFinding extends Pick<Finding, "template" | "rule" | "type"> {
  /** Which logical ids of the type break the rule; without it all do. */
  readonly of?: RegExp;
  readonly why: string;
}

/** A template's resources: their types by logical id. */
export type Types = Readonly<Record<string, string>>;

/** One broken rule of one resource, as a linter reports it. */
export interface Reported extends Pick<Finding, "template" | "rule" | "text"> {
  readonly id: string;
}

/** `reported` by template, rule and type of resource. */
export function findingsOf(
  reported: readonly Reported[],
  typesOf: Readonly<Record<string, Types>>,
): readonly Finding[] {
  const typeOf = ({ template, id }: Reported) => typesOf[template]?.[id] ?? "(no resource)";
  const groups = Map.groupBy(reported, (one) => JSON.stringify([one.template, one.rule, typeOf(one)]));
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const ids = [...new Set([first, ...others].map(({ id }) => id))].sort();
    return [{ template: first.template, rule: first.rule, type: typeOf(first), ids, text: first.text }];
  });
}

/** What is wrong, as lines for people: a finding without a reason, a reason without a finding, or one for other resources. */
export function unexplained(
  findings: readonly Finding[],
  known: readonly KnownFinding[],
  typesOf: Readonly<Record<string, Types>>,
): readonly string[] {
  const nameOf = ({ template, rule, type }: KnownFinding | Finding) => `${template}: ${rule} of ${type}`;
  const left = new Map(findings.map((finding) => [nameOf(finding), finding]));
  const problems: string[] = [];
  for (const one of known) {
    const name = nameOf(one);
    const finding = left.get(name);
    left.delete(name);
    if (finding === undefined) {
      problems.push(`${name} has a reason, but is not found: take the reason out`);
      continue;
    }
    const of = Object.entries(typesOf[one.template] ?? {})
      .filter(([id, type]) => type === one.type && (one.of ?? /./).test(id))
      .map(([id]) => id);
    const without = finding.ids.filter((id) => !of.includes(id));
    const stale = of.filter((id) => !finding.ids.includes(id));
    if (without.length > 0) problems.push(`${name} has no reason for ${named(without)}: ${finding.text}`);
    if (stale.length > 0) problems.push(`${name} has a reason for ${named(stale)}, where it is not found`);
  }
  for (const [name, { ids, text }] of left)
    problems.push(`${name} is new, in ${named(ids)}: ${text}. Mend it, or give a reason`);
  return problems;
}

/** The first of `ids`, and how many more there are. */
const named = (ids: readonly string[]): string =>
  ids.length <= SHOWN ? ids.join(", ") : `${ids.slice(0, SHOWN).join(", ")} and ${ids.length - SHOWN} more`;

const SHOWN = 5;

const lintReport = z.array(
  z.object({
    Filename: z.string(),
    Message: z.string(),
    Location: z.object({ Path: z.array(z.union([z.string(), z.number()])).nullable() }),
    Rule: z.object({ Id: z.string() }),
  }),
);

/** What cfn-lint wrote with `--format json`; `templateOf` gives the template of a file. */
export const fromCfnLint = (text: string, templateOf: (file: string) => string): readonly Reported[] =>
  lintReport.parse(JSON.parse(text || "[]")).map(({ Filename, Message, Location, Rule }) => ({
    template: templateOf(Filename),
    rule: Rule.Id,
    id: String(Location.Path?.[1] ?? ""),
    text: Message,
  }));

const checkovReport = z.object({
  summary: z.object({ parsing_errors: z.number(), resource_count: z.number() }),
  results: z.object({
    failed_checks: z.array(
      z.object({
        check_id: z.string(),
        check_name: z.string(),
        resource: z.string(),
        file_abs_path: z.string(),
      }),
    ),
  }),
});

/** What checkov wrote with `--output json`. @throws when it could not read a template. */
export function fromCheckov(text: string, templateOf: (file: string) => string): readonly Reported[] {
  const { summary, results } = checkovReport.parse(JSON.parse(text));
  if (summary.parsing_errors > 0 || summary.resource_count === 0)
    throw new Error(`checkov read ${summary.resource_count} resources, and could not read all`);
  return results.failed_checks.map(({ check_id, check_name, resource, file_abs_path }) => ({
    template: templateOf(file_abs_path),
    rule: check_id,
    id: resource.slice(resource.indexOf(".") + 1),
    text: check_name,
  }));
}
