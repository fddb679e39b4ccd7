// The settings that each service has, named after it: the port it listens on, and its address where that is fixed.

import * as z from "zod";
import { portVariable, urlVariable } from "../core/service-name.ts";
import { type Environment, invalidSettings, parseSettings } from "./env.ts";
import { httpUrl, port } from "./setting-types.ts";

/** The facts of a service on which its settings depend. */
export interface ServiceRow {
  readonly contract: { readonly service: string };
  /** The port when none is set. */
  readonly port: number;
}

/** Names of the settings of `services`, ports first. */
export const serviceSettings = (services: readonly ServiceRow[]): readonly string[] => [
  ...services.map(({ contract }) => portVariable(contract.service)),
  ...services.map(({ contract }) => urlVariable(contract.service)),
];

/**
 * The port of each of `services`, by the service's name.
 * @throws {ConfigError} naming each of their settings that is wrong, URLs included.
 */
export function servicePorts(
  services: readonly ServiceRow[],
  env: Environment = process.env,
): ReadonlyMap<string, number> {
  const parsed = parseSettings(schemaOf(services), env);
  return new Map(
    services.map(({ contract: { service } }) => [service, Number(parsed[portVariable(service)])]),
  );
}

/** What is wrong with those settings: lines that begin with the setting's name. */
export const serviceSettingProblems = (
  services: readonly ServiceRow[],
  env: Environment,
): readonly string[] => invalidSettings(schemaOf(services), env);

const schemaOf = (services: readonly ServiceRow[]): z.ZodObject =>
  z.object(
    Object.fromEntries(
      services.flatMap((one): [string, z.ZodType][] => [
        [portVariable(one.contract.service), port(one.port)],
        [urlVariable(one.contract.service), httpUrl.optional()],
      ]),
    ),
  );

/**
 * The fixed address of `service`, if it has one.
 * @throws {ConfigError} when what is set is no URL.
 */
export function serviceUrl(service: string, env: Environment = process.env): string | undefined {
  const name = urlVariable(service);
  return parseSettings(z.object({ [name]: httpUrl.optional() }), { [name]: env[name] })[name];
}
