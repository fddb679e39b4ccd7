// Settings of a deployment to AWS itself, not of the functions that it deploys.

import * as z from "zod";
import { type Environment, invalidSettings, parseSettings } from "../lib/config/env.ts";
import { flag, integer, textList } from "../lib/config/setting-types.ts";
import { parseHost } from "../lib/core/host.ts";

/** The days for which CloudWatch Logs can keep entries (PutRetentionPolicy). */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653];
const RETENTION = `must be a number of days that CloudWatch Logs knows: ${RETENTION_DAYS.join(", ")}`;

/** Executions at once that are kept for one function, and are its limit; not set: it shares those of the account. */
const concurrency = integer(0, 0, 10_000).transform((value) => value || undefined);

const CERTIFICATE = /^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/;

const matching = (form: RegExp, message: string) => z.string().regex(form, message).optional();

const TAG = /^[\w.:/+@ -]{1,128}=[\w.:/=+@ -]{0,256}$/;

const tags = textList
  .refine(
    (entries) => entries.every((entry) => TAG.test(entry) && !/^aws:|^(service|stage)=/i.test(entry)),
    "must be tags, name=value, comma-separated; service and stage are set already, and none begins with aws:",
  )
  .transform((entries) =>
    Object.fromEntries(
      entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
    ),
  );

const schema = z.object({
  /** Days until entries of the logs are deleted. */
  LOG_RETENTION_DAYS: integer(30, 1, 3_653).refine((days) => RETENTION_DAYS.includes(days), RETENTION),
  /** Requests per second that the HTTP API takes for each route; twice as many in a burst. */
  ROUTE_RATE_LIMIT: integer(500, 1, 100_000),
  /** Executions at once of each function that takes providers' callbacks. */
  CALLBACK_CONCURRENCY: concurrency,
  /** Executions at once of each relay. */
  RELAY_CONCURRENCY: concurrency,
  /** A domain of one's own for the HTTP API; see build/domain.ts. */
  DOMAIN_NAME: z
    .string()
    .optional()
    .refine(
      (name) => name === undefined || (/\./.test(name) && parseHost(name) === name),
      "must be a domain, in lower case",
    ),
  /** Of the domain, by ACM, in the region of the deployment. */
  CERTIFICATE_ARN: matching(
    CERTIFICATE,
    "must be the ARN of a certificate: arn:<partition>:acm:<region>:<account>:certificate/<id>",
  ),
  /** The zone of the domain, where Route 53 has it: then it gets its record. */
  HOSTED_ZONE_ID: matching(
    /^Z[A-Z0-9]{1,31}$/,
    "must be the id of a zone of Route 53, Z0123456789ABC for example",
  ),
  /** Whether indexes for lists hold whole items, as those of stacks did that were deployed by earlier versions: AWS can't change it. */
  WHOLE_INDEXES: flag(false),
  /** Tags of all resources, besides service and stage. */
  TAGS: tags,
});

export type Deployment = z.infer<typeof schema>;

/** What is wrong with those settings in `env`: lines that begin with the setting's name. */
export const deploymentSettingProblems = (env: Environment): readonly string[] =>
  invalidSettings(schema, env);

/**
 * The settings in `env`. Those that are wrong have their defaults here: osls reads its file before anything can be refused, and
 * {@link deploymentSettingProblems} are shown then.
 */
export function deploymentSettings(env: Environment): Deployment {
  const wrong = new Set(deploymentSettingProblems(env).map((line) => line.split(" ", 1)[0]));
  return parseSettings(schema, Object.fromEntries(Object.entries(env).filter(([name]) => !wrong.has(name))));
}
