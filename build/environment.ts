// The settings of functions on AWS that are derived from the list of services.

import type { ServiceDefinition } from "../functions/services.ts";
import { type Environment, SETTINGS } from "../lib/config/env.ts";
import { isLoopback } from "../lib/core/host.ts";
import { functionsVariable, urlVariable } from "../lib/core/service-name.ts";
import { parseNacosAddress } from "../lib/nacos/address.ts";

/** Settings of a function in addition to `provider.environment` of serverless.yml. */
export type FunctionSettings = Readonly<Record<string, unknown>>;

/** By the service's key: the settings of its functions, except those that are self-contained. */
export type ServiceEnvironments = ReadonlyMap<string, FunctionSettings>;

/** Secrets that all services share. */
const SHARED_SECRETS = ["SECRET_KEY", "SECRET_KEY_FALLBACKS"];

/** Where spans are sent, and which; the headers may hold a key. */
const TELEMETRY = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
];

/** One stack has one HTTP API, which is every service's address. */
const STACK_URL = { "Fn::GetAtt": ["HttpApi", "ApiEndpoint"] };

/**
 * Where the peers are, and what the names of their functions begin with after the stack's own prefix; of the settings in `env` the
 * secrets that all services share, where spans are sent, and those that a service's functions alone are given; and the registry,
 * for peers that are not part of the stack, unless it is one of a laptop: then the live configuration is a parameter.
 */
export function awsEnvironment(
  services: readonly ServiceDefinition[],
  env: Environment,
): ServiceEnvironments {
  const given = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, env[name] ?? ""]).filter(([, value]) => value !== ""));
  const urls = Object.fromEntries(services.map(({ contract }) => [urlVariable(contract.service), STACK_URL]));
  const functions = Object.fromEntries(
    services.map(({ key, contract }) => [functionsVariable(contract.service), `${key}-`]),
  );
  const registry = isRemote(env["NACOS_SERVER"])
    ? given(SETTINGS.filter(isOfRegistry))
    : { [LIVE_CONFIG]: env[LIVE_CONFIG] || OWN_PARAMETER };
  return new Map(
    services.map(({ key, uses = [], settings }) => [
      key,
      {
        ...urls,
        ...functions,
        ...registry,
        ...given([...SHARED_SECRETS, ...TELEMETRY, ...uses, ...(settings?.names ?? [])]),
      },
    ]),
  );
}

/**
 * The settings that may be a reference on AWS, of all `services`: those that functions use only after they have read their secrets.
 */
export const referable = (services: readonly ServiceDefinition[]): ReadonlySet<string> =>
  new Set([
    ...SHARED_SECRETS,
    "NACOS_PASSWORD",
    ...services.flatMap(({ uses = [], settings }) => [...uses, ...(settings?.names ?? [])]),
  ]);

/** Setting of functions without a registry: the parameter of SSM that holds the live configuration. */
const LIVE_CONFIG = "LIVE_CONFIG_PARAMETER";

/** Its name unless another one is given; osls knows the stage. */
const OWN_PARAMETER = `/\${self:service}-\${sls:stage}/live`;

/**
 * The name of that parameter for functions with `settings`, undefined where they read none. `prefix`: `cfmp-order-dev`, the first part of all
 * names on AWS.
 */
export function liveParameter(settings: FunctionSettings, prefix: string): string | undefined {
  const name = settings[LIVE_CONFIG];
  if (typeof name !== "string" || name === "off") return undefined;
  return name === OWN_PARAMETER ? `/${prefix}/live` : name;
}

const isOfRegistry = (name: string): boolean => name.startsWith("NACOS_");

function isRemote(server = ""): boolean {
  const address = server === "off" ? undefined : parseNacosAddress(server);
  return address !== undefined && !isLoopback(address.host);
}
