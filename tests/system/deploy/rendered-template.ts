// The CloudFormation template of a stage, made by `serverless package` without the functions' bundles.

import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { settingNames } from "../../../functions/settings.ts";
import { mustServerless } from "./serverless-cli.ts";

const resource = z.object({
  Type: z.string(),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
const template = z.object({ Resources: z.record(z.string(), resource) });

export type RenderedResource = z.infer<typeof resource>;

const NO_BUNDLES = `--require=${join(import.meta.dirname, "no-bundles.cjs")}`;

/** The template for `stage` in `region` with these settings and no other, and its text. */
export async function renderedTemplate(
  settings: Readonly<Record<string, string>> = {},
  { stage = "test", region = "us-east-1" } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-template-"));
  try {
    const none = Object.fromEntries(settingNames.map((name) => [name, ""]));
    const command = ["package", "--stage", stage, "--region", region, "--package", folder];
    await mustServerless(command, {
      ...process.env,
      ...none,
      SECRET_KEY: randomBytes(48).toString("base64"),
      ...settings,
      NODE_OPTIONS: NO_BUNDLES,
    });
    const text = readFileSync(join(folder, "cloudformation-template-update-stack.json"), "utf8");
    const { Resources } = template.parse(JSON.parse(text));
    return { text, resources: Resources, ofType: (type: string) => named(Resources, type) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const named = (resources: Readonly<Record<string, RenderedResource>>, type: string) =>
  Object.values(resources).filter(({ Type }) => Type === type);
