// A plugin of `serverless deploy`: refuses, before anything is changed, what the account would refuse in the middle of the deployment.

import * as z from "zod";
import { parseJson } from "../lib/core/tried.ts";
import { type AccountReply, type AccountRequest, type AwsProvider, accountRequest } from "./aws-account.ts";

interface Serverless {
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  getProvider(name: "aws"): AwsProvider;
  readonly service: {
    readonly functions: Readonly<Record<string, { readonly reservedConcurrency?: number }>>;
  };
}

type Send = (request: AccountRequest) => Promise<AccountReply>;

/** Executions at once that Lambda wants left for functions without some of their own. */
const UNRESERVED = 100;

export default class AccountChecks {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;

  constructor(serverless: Serverless) {
    this.hooks = {
      "before:deploy:deploy": async () => {
        const provider = serverless.getProvider("aws");
        const kept = Object.values(serverless.service.functions).reduce(
          (sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency,
          0,
        );
        const problems = await concurrencyProblem(kept, (request) => accountRequest(provider, request));
        if (problems.length > 0)
          throw new serverless.classes.Error(problems.join("\n"), "CONCURRENCY_TOO_HIGH");
      },
    };
  }
}

const accountSettings = z.object({ AccountLimit: z.object({ ConcurrentExecutions: z.number() }) });

/** Why the account can't keep `kept` executions for some functions; none if it can, or does not say. */
export async function concurrencyProblem(kept: number, send: Send): Promise<readonly string[]> {
  if (kept === 0) return [];
  const reply = await send({ service: "lambda", method: "GET", path: "/2016-08-19/account-settings/" });
  const { data } = accountSettings.safeParse(parseJson(reply.body));
  const limit = data?.AccountLimit.ConcurrentExecutions;
  if (limit === undefined || limit - kept >= UNRESERVED) return [];
  return [
    `CALLBACK_CONCURRENCY and RELAY_CONCURRENCY keep ${kept} executions at once, and the account has ${limit}, of which Lambda ` +
      `wants ${UNRESERVED} left: lower them, leave them out, or ask AWS for more ("Concurrent executions" in Service Quotas)`,
  ];
}
