// npm run token -- --sub alice [--email alice@example.com] [--scope "sell refund notify operate"] [--locale zh-CN] [--minutes 60] [--stage dev]
// Prints a user's token for the system with the settings and data folder of this shell.

import { parseArgs } from "node:util";
import { createTokens } from "../lib/auth/tokens.ts";
import { prepareEnvironment } from "./runtime/environment.ts";
import { asksForHelp } from "./shared/command.ts";
import { loadEnvFiles } from "./shared/env-file.ts";
import { complain, print } from "./shared/print.ts";
import { startUpLine } from "./shared/start-up-error.ts";

const USAGE =
  'Usage: npm run token -- --sub <user id> [--email <address>] [--scope "sell refund notify operate"] [--locale zh-CN] [--minutes 60] [--stage dev]';

try {
  print(asksForHelp(process.argv.slice(2)) ? USAGE : await mint());
} catch (error) {
  complain(`${startUpLine(error)}\n${USAGE}`);
  process.exitCode = 1;
}

async function mint(): Promise<string> {
  const { values } = parseArgs({
    options: {
      sub: { type: "string" },
      email: { type: "string" },
      scope: { type: "string" },
      locale: { type: "string" },
      minutes: { type: "string", default: "60" },
      stage: { type: "string" },
    },
  });
  const { sub, email, scope, locale, minutes } = values;
  if (sub === undefined) throw new Error("--sub is missing");
  if (!/^[1-9]\d{0,5}$/.test(minutes)) throw new Error("--minutes takes a whole number");
  loadEnvFiles(process.env, { stage: values.stage });
  const { SECRET_KEY, ...config } = prepareEnvironment(process.env);
  if (SECRET_KEY === undefined) throw new Error("SECRET_KEY is missing");
  if (Number(minutes) > config.TOKEN_MAX_MINUTES) {
    throw new Error(`--minutes may be ${config.TOKEN_MAX_MINUTES} at most; see TOKEN_MAX_MINUTES`);
  }
  const tokens = createTokens({ ...config, SECRET_KEY });
  const user = {
    sub,
    ...(email === undefined ? {} : { email }),
    ...(scope === undefined ? {} : { scope }),
    ...(locale === undefined ? {} : { locale }),
  };
  return tokens.mintUser(user, Number(minutes) * 60);
}
