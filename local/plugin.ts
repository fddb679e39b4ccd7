// The plugin with which `serverless offline start` runs the whole system; the work is done in runtime/.

import { earlyStart } from "./runtime/early-start.ts";
import { endWhenOrphaned } from "./runtime/orphaned.ts";
import { createRuntime } from "./runtime/runtime.ts";
import { isOfflineStart } from "./shared/command.ts";
import { endOnAnotherSignal } from "./shared/end-signals.ts";
import type { CommandLine, Serverless } from "./shared/serverless-types.ts";
import { fail, StartUpError } from "./shared/start-up-error.ts";

type Hook = () => Promise<void> | void;

const OPTIONS = {
  service: {
    usage:
      "Run only these services, comma-separated, by their keys in functions/services.ts; `gateway` is the gateway",
    type: "string",
  },
};

export default class LocalRuntimePlugin {
  readonly commands = { offline: { commands: { start: { options: OPTIONS } } } };
  readonly hooks: Readonly<Record<string, Hook>>;

  constructor(serverless: Serverless, commandLine: CommandLine) {
    // osls also makes its plugins to show what commands they have.
    this.hooks = isOfflineStart(process.argv)
      ? startHooks(serverless, commandLine)
      : { "before:offline:start": refuse };
  }
}

function startHooks(serverless: Serverless, commandLine: CommandLine): Readonly<Record<string, Hook>> {
  // Compiling osls' schema takes 0.5 s at each start, and 7 s at the first; `serverless package` validates.
  serverless.configSchemaHandler.validateConfig = async () => {};
  endWhenOrphaned();
  const runtime = createRuntime(serverless, earlyStart(), async () => {
    const { offlineEmulation } = await import("./runtime/offline.ts");
    return offlineEmulation;
  });
  return {
    "before:offline:start:init": async () => {
      try {
        await runtime.start(commandLine);
      } catch (error) {
        await runtime.abandon();
        fail(error);
      }
      // The listeners run already; serverless-offline's own instance only has to wait for a signal.
      serverless.service.functions = {};
      commandLine["noSponsor"] = true;
    },
    "before:offline:start:end": async () => {
      endOnAnotherSignal();
      await runtime.drain();
    },
  };
}

/** `serverless offline` without `start` has no hooks at its end, so services could not be deregistered. */
const refuse = (): void =>
  fail(new StartUpError("command_incomplete", "Use `npm start`, or `serverless offline start`."));
