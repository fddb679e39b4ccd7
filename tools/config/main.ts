// npm run config -- show | set <JSON> | clear  --stage prod
// The live configuration of a stage on AWS: shows it, sets it after checking it, or leaves all to the environment again.

import { parseArgs } from "node:util";
import { parseOverlay } from "../../lib/config/live-schema.ts";
import { loadEnvFiles } from "../../local/shared/env-file.ts";
import { complain, print } from "../../local/shared/print.ts";
import { exitCodeOf, optionsOf, UsageError } from "../command.ts";
import { parameterOf, publish, publishedText, withdraw } from "./parameter.ts";

const USAGE = "Usage: npm run config -- show | set '{\"payments_enabled\": false}' | clear  --stage prod";

process.exitCode = await exitCodeOf(run, 1);

async function run(): Promise<number> {
  const { stage, command, text } = parsed();
  loadEnvFiles(process.env, { stage });
  if (!process.env["AWS_ACCESS_KEY_ID"])
    throw new UsageError(
      "AWS_ACCESS_KEY_ID is not set. On this machine the registry has the configuration (docs/live-configuration.md).",
    );
  if (command === "set" && !isValid(text)) return 1;
  const name = await parameterOf(stage);
  if (command === "set") {
    await publish(name, text);
    print(`${name} is set: each function has it in effect within half a minute.`);
  } else if (command === "clear") {
    const was = await withdraw(name);
    print(was ? `${name} is deleted: the environment alone counts.` : `${name} does not exist.`);
  } else {
    print((await publishedText(name)) ?? `${name} does not exist: the environment alone counts.`);
  }
  return 0;
}

/** The stage is always given: a command that stops payments must not guess it. */
function parsed() {
  const options = { stage: { type: "string" } } as const;
  const { values, positionals } = optionsOf(USAGE, () => parseArgs({ allowPositionals: true, options }));
  const [command = "", text = "", ...more] = positionals;
  const isKnown = command === "set" ? positionals.length === 2 : ["show", "clear"].includes(command);
  if (values.stage === undefined || !isKnown || more.length > 0 || (command !== "set" && text !== ""))
    throw new UsageError(USAGE);
  return { stage: values.stage, command, text };
}

/** Whether functions would take `text`; what is wrong is shown. */
function isValid(text: string): boolean {
  const parsed = parseOverlay(text);
  if (!("problems" in parsed)) return true;
  for (const problem of parsed.problems) complain(problem);
  return false;
}
