// The environment as typed values. A wrong value is one clear line at start-up, never a surprise later.

import * as z from "zod";
import { certificates } from "./certificates.ts";
import { type Environment, environment as settingsEnvironment } from "./environment.ts";
import { incompleteSettings } from "./incomplete-settings.ts";
import { settingsByKind } from "./named-by-kind.ts";
import {
  baseUrl,
  flag,
  headerList,
  host,
  hostPatterns,
  httpUrl,
  integer,
  mailbox,
  nacosName,
  nacosServer,
  oneOf,
  optionalText,
  origins,
  port,
  portOrOff,
  reachableHost,
  share,
  smtpUrl,
  textList,
} from "./setting-types.ts";

export type { Environment } from "./environment.ts";

/** A setting that is missing or has a wrong value; `problems` names each variable and what it should be. */
export class ConfigError extends Error {
  readonly code = "config_invalid";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Invalid configuration: ${problems.join("; ")}. See .env.example.`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

const environment = z.object({
  DEBUG: flag(false),
  SECRET_KEY: optionalText,
  SECRET_KEY_FALLBACKS: textList,
  ALLOWED_HOSTS: hostPatterns,
  CORS_ORIGINS: origins,
  LOG_LEVEL: oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent").default("info"),
  LOG_DIR: z.string().default("logs"),
  DATA_DIR: z.string().default("data"),

  HOST: host.default("127.0.0.1"),
  ADVERTISE_HOST: reachableHost.optional(),
  GATEWAY_PORT: portOrOff(8000),
  GATEWAY_RATE_LIMIT: integer(0, 0, 1_000_000),
  METRICS_PORT: portOrOff(0),
  METRICS_HOST: host.default("127.0.0.1"),
  CONTROL_ROOM_PORT: portOrOff(0),
  CONTROL_ROOM_HISTORY_MB: integer(200, 20, 100_000),
  LISTENER_WAIT_SECONDS: integer(10, 1, 600),
  LISTENER_CONNECTIONS: integer(2_000, 10, 1_000_000),

  NACOS_SERVER: nacosServer.optional(),
  NACOS_CA: certificates.optional(),
  NACOS_NAMESPACE: nacosName.default("public"),
  NACOS_GROUP: nacosName.default("DEFAULT_GROUP"),
  NACOS_CLUSTER: z
    .string()
    .regex(/^[0-9A-Za-z-]{1,64}$/, "must be 1 to 64 letters, digits or '-'")
    .default("DEFAULT"),
  NACOS_USERNAME: optionalText,
  NACOS_PASSWORD: optionalText,
  NACOS_API: oneOf("auto", "v1", "v3", "grpc").default("auto"),
  EMBEDDED_REGISTRY: oneOf("auto", "off").default("auto"),
  LIVE_CONFIG_PARAMETER: z
    .string()
    .regex(
      /^(off|\/[\w./-]{1,500})$/,
      "must be the whole name of a parameter of SSM, /cfmp-order-prod/live for example, or off",
    )
    .optional(),

  DB_ENGINE: oneOf("embedded", "dynamodb").default("dynamodb"),
  DB_NAME: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{3,100}$/, "must be 3 to 100 letters, digits, '-', '_' or '.'")
    .default("cfmp-order"),
  DB_HOST: host.optional(),
  DB_PORT: port(4567),
  DB_USER: optionalText,
  DB_PASSWORD: optionalText,

  JWKS_URL: httpUrl.optional(),
  TOKEN_ISSUER: optionalText,
  TOKEN_AUDIENCE: z.string().default("cfmp-order"),
  TOKEN_MAX_MINUTES: integer(1_440, 1, 525_600),

  SMTP_URL: smtpUrl.optional(),
  MAIL_FROM: mailbox.default("CFMP-Order <no-reply@cfmp-order.example>"),
  MAIL_SMTP_PORT: port(1025),
  MAIL_PAGE_PORT: port(8025),

  ORDER_EXPIRY_MINUTES: integer(30, 1, 10_080),
  PAYMENT_EXPIRY_MINUTES: integer(15, 1, 10_080),
  OUTBOX_MAX_TRIES: integer(20, 1, 1_000),
  OUTBOX_SHARDS: integer(4, 1, 256),

  OTEL_EXPORTER_OTLP_ENDPOINT: baseUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headerList.optional(),
  // parentbased_jaeger_remote, jaeger_remote and xray, which OpenTelemetry also names, ask a server.
  OTEL_TRACES_SAMPLER: oneOf(
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
    "always_on",
    "always_off",
    "traceidratio",
  ).default("parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: share(1),
});

/** Names of the settings of {@link Config}, in the order of .env.example. */
export const SETTINGS: readonly string[] = Object.keys(environment.shape);

/** The settings that do not belong to one service, parsed; names are those of the environment variables. */
export type Config = z.infer<typeof environment>;

/**
 * Parses `env` (by default the process's own, with its secrets in place of references). Empty strings count as not set.
 * @throws {ConfigError} naming every variable that is wrong.
 */
export function loadConfig(env: Environment = settingsEnvironment()): Config {
  const config = parseSettings(environment, env);
  const problems = [...incompleteSettings(env), ...invalidSettings(settingsByKind(env, config.DEBUG), env)];
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** What {@link loadConfig} would refuse of the system's own settings, all of it: lines that begin with the setting's name. */
export const configProblems = (env: Environment): readonly string[] => [
  ...invalidSettings(environment, env),
  ...incompleteSettings(env),
];

/** Settings are parsed once or twice: compiling code for it, which zod does for speed, would take longer. */
const ONCE = { jitless: true };

/**
 * The settings of `env` that `schema` names; empty strings count as not set.
 * @throws {ConfigError} naming every variable that is wrong.
 */
export function parseSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Environment,
): z.output<z.ZodObject<Shape>> {
  const given = settingsGiven(env);
  const parsed = schema.safeParse(given, ONCE);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => problemLine(issue, given)));
}

/** What {@link parseSettings} would refuse: lines that begin with the setting's name. */
export function invalidSettings(schema: z.ZodObject, env: Environment): readonly string[] {
  const given = settingsGiven(env);
  return schema.safeParse(given, ONCE).error?.issues.map((issue) => problemLine(issue, given)) ?? [];
}

const settingsGiven = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));

const problemLine = ({ path, message }: z.core.$ZodIssue, given: Environment): string =>
  `${path.join(".")} ${message}${shown(String(path[0]), given)}`;

/** The wrong value itself, without what may be a password. */
function shown(name: string, given: Environment): string {
  if (/SECRET|PASSWORD|SMTP_URL|KEY|HEADERS/.test(name)) return "";
  const value = (given[name] ?? "").replace(/[^\s/@]*:[^\s/@]*@/g, "…@");
  return ` (is ${JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)})`;
}
