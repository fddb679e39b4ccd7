// The environment as typed values. A wrong value is one clear line at start-up, never a surprise later.

import * as z from "zod";
import { parseNacosAddress } from "../nacos/address.ts";
import { certificates } from "./certificates.ts";
import { missingSettings, providerSettings } from "./provider-settings.ts";

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

const flag = (fallback: boolean) =>
  z
    .enum(["True", "true", "1", "on", "False", "false", "0", "off"], "must be True or False")
    .default(fallback ? "True" : "False")
    .transform((value) => ["True", "true", "1", "on"].includes(value));

const integer = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .default(String(fallback))
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

/** A port that is `fallback` when it is not set. */
export const port = (fallback: number) => integer(fallback, 1, 65_535);

/** A port, or undefined for `off` and `0`. */
const portOrOff = (fallback: number) =>
  z
    .string()
    .default(String(fallback))
    .refine((value) => value === "off" || isPortOrZero(value), "must be a port from 1 to 65535, or off")
    .transform((value) => Number(value === "off" ? 0 : value) || undefined);

const isPortOrZero = (value: string): boolean => /^\d{1,5}$/.test(value) && Number(value) <= 65_535;

const list = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((value) =>
      value
        .split(",")
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ""),
    );

/** Origins of web pages, as browsers write them: `https://shop.example`, `http://localhost:3000`. */
const origins = list("").refine(
  (entries) => entries.every((entry) => URL.parse(entry)?.origin === entry),
  "must be origins, scheme://host[:port] without a path, such as https://shop.example",
);

const optionalText = z.string().optional();
export const optionalUrl = z.url("must be a URL").optional();

/** To `host:port`, with `https://` in front where it is spoken to over TLS; undefined for `off`. */
const nacosServer = z.string().transform((value, context) => {
  if (value === "off") return undefined;
  const address = parseNacosAddress(value);
  if (address !== undefined) return address.text;
  context.addIssue({
    code: "custom",
    message: "must be host:port, for example 127.0.0.1:8848, or https://host:port, or off",
  });
  return z.NEVER;
});

const environment = z.object({
  DEBUG: flag(false),
  SECRET_KEY: optionalText,
  ALLOWED_HOSTS: list(""),
  CORS_ORIGINS: origins,
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  LOG_DIR: z.string().default("logs"),
  DATA_DIR: z.string().default("data"),

  HOST: z.string().default("127.0.0.1"),
  ADVERTISE_HOST: optionalText,
  GATEWAY_PORT: portOrOff(8000),
  GATEWAY_RATE_LIMIT: integer(0, 0, 1_000_000),

  NACOS_SERVER: nacosServer.optional(),
  NACOS_CA: certificates.optional(),
  NACOS_NAMESPACE: z.string().default("public"),
  NACOS_GROUP: z.string().default("DEFAULT_GROUP"),
  NACOS_CLUSTER: z
    .string()
    .regex(/^[0-9A-Za-z-]{1,64}$/, "must be 1 to 64 letters, digits or '-'")
    .default("DEFAULT"),
  NACOS_USERNAME: optionalText,
  NACOS_PASSWORD: optionalText,
  NACOS_API: z.enum(["auto", "v1", "v3"], "must be auto, v1 or v3").default("auto"),
  EMBEDDED_REGISTRY: z.enum(["auto", "off"]).default("auto"),

  DB_ENGINE: z.enum(["embedded", "dynamodb"]).default("dynamodb"),
  DB_NAME: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{3,100}$/, "must be 3 to 100 letters, digits, '-', '_' or '.'")
    .default("cfmp-order"),
  DB_HOST: optionalText,
  DB_PORT: port(4567),
  DB_USER: optionalText,
  DB_PASSWORD: optionalText,

  JWKS_URL: optionalUrl,
  TOKEN_ISSUER: optionalText,
  TOKEN_AUDIENCE: z.string().default("cfmp-order"),
  TOKEN_MAX_MINUTES: integer(1_440, 1, 525_600),

  SMTP_URL: optionalUrl,
  MAIL_FROM: z.string().default("CFMP-Order <no-reply@cfmp-order.example>"),
  MAIL_SMTP_PORT: port(1025),
  MAIL_PAGE_PORT: port(8025),

  ORDER_EXPIRY_MINUTES: integer(30, 1, 10_080),
  PAYMENT_EXPIRY_MINUTES: integer(15, 1, 10_080),
  OUTBOX_MAX_TRIES: integer(20, 1, 1_000),
  SANDBOX_SECRET: optionalText,
  ...providerSettings,
});

/** Names of the settings of {@link Config}, in the order of .env.example. */
export const SETTINGS: readonly string[] = Object.keys(environment.shape);

/** The settings that do not belong to one service, parsed; names are those of the environment variables. */
export type Config = z.infer<typeof environment>;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses `env` (by default the process's own). Empty strings count as not set.
 * @throws {ConfigError} naming every variable that is wrong.
 */
export function loadConfig(env: Environment = process.env): Config {
  const config = parseSettings(environment, env);
  const missing = missingSettings(config, env);
  if (missing.length > 0) {
    throw new ConfigError(missing.map(({ name, provider }) => `${name} is missing: ${provider} needs it`));
  }
  return config;
}

/**
 * The settings of `env` that `schema` names; empty strings count as not set.
 * @throws {ConfigError} naming every variable that is wrong.
 */
export function parseSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Environment,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map(
      (issue) => `${issue.path.join(".")} ${issue.message}${shown(String(issue.path[0]), given)}`,
    ),
  );
}

/** The wrong value itself, unless a password may be part of it. */
function shown(name: string, given: Environment): string {
  return /SECRET|PASSWORD|SMTP|KEY/.test(name) ? "" : ` (is ${JSON.stringify(given[name])})`;
}
