// npm run test:template: what cfn-lint and Checkov find in the stack's template and in the deployer's policies is what known-findings.ts
// explains, no more and no less. Needs Python 3.10.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { report, type Verdict } from "../../support/command.ts";
import { run } from "../../support/run.ts";
import { pythonTools } from "../../support/tools.ts";
import { KNOWN_FINDINGS } from "./known-findings.ts";
import { renderedTemplate } from "./rendered-template.ts";
import {
  type Finding,
  findingsOf,
  fromCfnLint,
  fromCheckov,
  type Types,
  unexplained,
} from "./template-findings.ts";

const REGION = "us-east-1";
const POLICY = join(import.meta.dirname, "..", "..", "..", "build", "deployer-policy.yml");

/** All that a stage can have besides what it always has. */
const SETTINGS = {
  SECRET_KEY: "ssm:/cfmp/prod/secret-key",
  ALARM_TOPIC_ARN: `arn:aws:sns:${REGION}:123456789012:on-call`,
  DOMAIN_NAME: "api.shop.example",
  CERTIFICATE_ARN: `arn:aws:acm:${REGION}:123456789012:certificate/1a`,
  HOSTED_ZONE_ID: "Z1",
};

// What was started is ended when this process exits, so it must exit rather than be ended.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

report(await main());

async function main(): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), "cfmp-lint-"));
  try {
    const tools = await pythonTools(join(import.meta.dirname, "template-requirements.txt"));
    const stack = await renderedTemplate(SETTINGS, { stage: "prod", region: REGION });
    const policy = await readFile(POLICY, "utf8");
    const files = { stack: join(folder, "stack.json"), deployer: join(folder, "deployer.yml") };
    await writeFile(files.stack, stack.text);
    await writeFile(files.deployer, policy);
    const types = { stack: typesIn(stack.resources), deployer: policyTypes(policy) };
    return conclude(findingsOf(await reported(tools, Object.values(files)), types), types);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What both linters report of `files`. */
async function reported(tools: string, files: readonly string[]) {
  const templateOf = (file: string) => basename(file).replace(/\.\w+$/, "");
  const [lint, checkov] = await Promise.all([
    output(join(tools, "cfn-lint"), ["--regions", REGION, "--format", "json", "--template", ...files]),
    // Without --skip-download it asks its vendor for descriptions.
    output(join(tools, "checkov"), [
      ...["--framework", "cloudformation", "--output", "json", "--compact", "--quiet", "--skip-download"],
      ...files.flatMap((file) => ["--file", file]),
    ]),
  ]);
  return [...fromCfnLint(lint, templateOf), ...fromCheckov(checkov, templateOf)];
}

/** Standard output of a linter; it ends with another code than 0 when it finds something. @throws when it says nothing. */
async function output(command: string, options: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(command, options);
  if (!/^\s*[[{]/.test(stdout)) throw new Error(`${command} has no report:\n${stdout}${stderr}`);
  return stdout;
}

function typesIn(resources: Readonly<Record<string, { readonly Type: string }>>): Types {
  return Object.fromEntries(Object.entries(resources).map(([id, { Type }]) => [id, Type]));
}

/** The resources of the deployer's template: `Id:` with two spaces, and its type in the line below. */
function policyTypes(text: string): Types {
  const found = text.matchAll(/^ {2}(\w+):\n {4}Type: (AWS::[\w:]+)$/gm);
  return Object.fromEntries([...found].map(([, id, type]) => [id, type]));
}

/** One test for each reason, and one for each finding that has none. */
function conclude(findings: readonly Finding[], types: Readonly<Record<string, Types>>): Verdict {
  for (const { template, rule, type, ids } of findings)
    console.log(`${template}: ${rule} of ${type}, ${ids.length}`);
  const problems = unexplained(findings, KNOWN_FINDINGS, types);
  for (const line of problems) console.error(line);
  return { passed: Math.max(0, KNOWN_FINDINGS.length - problems.length), failed: problems.length };
}
