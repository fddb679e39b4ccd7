// Runs services on a server: node -r ./local/server/first.cjs local/server/main.ts [--service orders,…] [--httpPort 8011] [--stage …]
// The same handlers on the same host as npm start, with nothing that is for development: no osls, no serverless-offline, nothing
// embedded. Logs are JSON on standard output. SIGTERM: leaves the registry, answers what is under way, and ends.

import { parseArgs } from "node:util";
import { messageOf } from "../../lib/core/failure-text.ts";
import { begin } from "../runtime/early-start.ts";
import { openJsonOutput } from "../runtime/json-output.ts";
import { endWhenOrphaned } from "../runtime/orphaned.ts";
import { createRuntime } from "../runtime/runtime.ts";
import { asksForHelp } from "../shared/command.ts";
import { endOnSignals } from "../shared/end-signals.ts";
import { loadEnvFiles } from "../shared/env-file.ts";
import { print } from "../shared/print.ts";
import { fail, StartUpError } from "../shared/start-up-error.ts";
import { serverProject } from "./project.ts";
import { completeServerSettings } from "./settings.ts";

const USAGE = "Usage: npm run serve -- [--service orders,payments] [--httpPort 8001] [--stage prod]";
const options = {
  service: { type: "string" },
  httpPort: { type: "string" },
  stage: { type: "string" },
} as const;

try {
  if (asksForHelp(process.argv.slice(2))) print(USAGE);
  else await run();
} catch (error) {
  fail(error);
}

async function run(): Promise<void> {
  const commandLine = parsed();
  const { env } = process;
  loadEnvFiles(env, { stage: commandLine.stage });
  completeServerSettings(env);
  const early = begin(env, { open: openJsonOutput, logFiles: false });
  const family = early.config.DB_NAME;
  const runtime = createRuntime(
    serverProject({ stage: commandLine.stage, region: env["AWS_REGION"], family }),
    early,
  );
  endWhenOrphaned();
  endOnSignals(() => {
    void runtime.drain().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  });
  try {
    await runtime.start(commandLine);
  } catch (error) {
    await runtime.abandon();
    throw error;
  }
}

function parsed() {
  try {
    return { ...parseArgs({ options }).values };
  } catch (error) {
    throw new StartUpError("command_invalid", `${messageOf(error)}. ${USAGE}`);
  }
}
