// A plugin of `serverless package` and `deploy`: refuses settings with which functions would not start on AWS.

import { settingNames } from "../functions/settings.ts";
import { settingWarnings } from "../lib/config/setting-warnings.ts";
import { deploymentProblems } from "./deployed-settings.ts";
import { deploymentSettings } from "./deployment.ts";
import { domainProblems } from "./domain.ts";
import { type FunctionEnvironment, oversizedEnvironments } from "./environment-size.ts";

interface Serverless {
  /** Its errors are shown without a stack. */
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  getProvider(name: "aws"): { getRegion(): string };
  readonly service: {
    readonly provider: { readonly environment?: FunctionEnvironment };
    readonly functions: Readonly<Record<string, { readonly environment?: FunctionEnvironment }>>;
  };
}

interface Utilities {
  readonly log: { warning(text: string): void };
}

export default class CheckedSettings {
  readonly hooks: Readonly<Record<string, () => void>>;

  constructor(serverless: Serverless, _options: unknown, { log }: Utilities) {
    const check = () => {
      const { env } = process;
      const { provider, functions } = serverless.service;
      const own = Object.entries(functions).map(([name, { environment }]) => [name, environment ?? {}]);
      const problems = [
        ...deploymentProblems(env),
        ...domainProblems(
          deploymentSettings(env),
          env["ALLOWED_HOSTS"] ?? "",
          serverless.getProvider("aws").getRegion(),
        ),
        ...oversizedEnvironments(Object.fromEntries(own), provider.environment ?? {}),
      ];
      if (problems.length > 0) {
        const lines = ["These settings would not work on AWS; see docs/guides/deploy.md.", ...problems];
        throw new serverless.classes.Error(lines.join("\n  "), "SETTINGS_INVALID");
      }
      const SECRET_KEY = env["SECRET_KEY"] ?? "";
      for (const line of settingWarnings({ DEBUG: false, SECRET_KEY }, env, settingNames)) log.warning(line);
    };
    // `deploy` packages as well, unless it is given a package.
    this.hooks = { "before:package:cleanup": check, "before:deploy:function:initialize": check };
  }
}
