// What the system has to know about a payment provider before any of the provider's code runs.

import * as z from "zod";
import { type Environment, parseSettings } from "../../../lib/config/env.ts";
import { tried } from "../../../lib/core/tried.ts";
import { lazyProvider } from "./lazy-provider.ts";
import type { CallbackReplies, Provider } from "./provider.ts";

/** When the status of an attempt is queried, besides the provider's callbacks. In milliseconds; undefined: never. */
export interface CheckPlan {
  /** Time after the beginning of a live attempt; repeated after the same time, twice that time, … */
  readonly whileLive: number | undefined;
  /** Time of the last check after the end of an attempt that captured nothing. */
  readonly afterEnd: number | undefined;
}

/** What the availability of a provider may depend on. */
export interface Place {
  readonly env: Environment;
  readonly debug: boolean;
  /** The public URL of a method's callback route; undefined when the settings have no public address. */
  readonly callbackUrl: (method: string) => string | undefined;
  /** The sandbox provider, which is part of this system. */
  readonly sandbox: Provider;
}

export interface ProviderEntry<Method extends string = string> {
  /** Its name in requests and in stored items; must never change. */
  readonly method: Method;
  /** Its display name, such as `WeChat Pay`. */
  readonly name: string;
  /** Its own settings, by the name of the environment variable; .env.example has their descriptions. */
  readonly settings: Readonly<Record<string, z.ZodType>>;
  readonly checks: CheckPlan;
  /** What is wrong with the combination of its settings, a line each. */
  problems(
    env: Environment,
    place: { readonly debug: boolean; readonly callbacks: boolean },
  ): readonly string[];
  /** The provider; undefined when it is not configured. */
  offer(place: Place): Provider | undefined;
}

export interface ProviderDefinition<
  Method extends string,
  Needed extends z.ZodRawShape,
  Further extends z.ZodRawShape,
> {
  readonly method: Method;
  readonly name: string;
  /** Required settings: if one of them is set, all must be. Each has a description. */
  readonly needed: Needed;
  /** Optional settings. */
  readonly further: Further;
  /** Optional settings that must be set together. */
  readonly pairs?: readonly (readonly [keyof Further & string, keyof Further & string])[];
  /** Valid settings that can't be meant together, a line each that begins with a setting's name; `env` has them as they were given. */
  contradictions?(
    settings: z.output<z.ZodObject<Needed>> & z.output<z.ZodObject<Further>>,
    env: Environment,
  ): readonly string[];
  readonly checks: CheckPlan;
  readonly replies: CallbackReplies;
  /** Loads its adapter and its SDK, at the first call. */
  load(
    settings: z.output<z.ZodObject<Needed>> & z.output<z.ZodObject<Further>>,
    callbackUrl: string,
  ): Promise<Provider>;
}

/** The entry of a provider that is called over the network; it is available when all of its {@link ProviderDefinition.needed} settings are set. */
export function defineProvider<
  const Method extends string,
  Needed extends z.ZodRawShape,
  Further extends z.ZodRawShape,
>(definition: ProviderDefinition<Method, Needed, Further>): ProviderEntry<Method> {
  const { method, name, pairs = [], checks, replies, load, contradictions } = definition;
  const needed = z.object(definition.needed);
  const further = z.object(definition.further);
  const names = Object.keys(needed.shape);
  const isMissing = (env: Environment, setting: string) => (env[setting] ?? "") === "";
  const lacking = (env: Environment) => names.filter((setting) => isMissing(env, setting));
  const parsed = (env: Environment) => ({ ...parseSettings(needed, env), ...parseSettings(further, env) });
  /** The other half of each pair of which one is set. */
  const halves = (env: Environment) =>
    pairs
      .map((pair) => pair.filter((setting) => isMissing(env, setting)))
      .flatMap((missing) => (missing.length === 1 ? missing : []));
  return {
    method,
    name,
    settings: { ...mayBeMissing(definition.needed), ...definition.further },
    checks,
    problems(env, { callbacks }) {
      const missing: string[] = lacking(env);
      if (missing.length === names.length) return [];
      missing.push(...halves(env));
      if (!callbacks) missing.push(CALLBACK_SETTING);
      if (missing.length > 0) return missing.map((setting) => `${setting} is missing: ${name} needs it`);
      // What is wrong with a single one is reported by its schema.
      return (contradictions && tried(() => contradictions(parsed(env), env))) ?? [];
    },
    offer({ env, callbackUrl }) {
      const url = callbackUrl(method);
      if (url === undefined || lacking(env).length > 0) return undefined;
      const settings = parsed(env);
      return lazyProvider({ method, replies }, () => load(settings, url));
    },
  };
}

/** `settings` with each of them optional: whether one may be missing depends on the others. Keeps descriptions. */
const mayBeMissing = (settings: z.ZodRawShape): Readonly<Record<string, z.ZodType>> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, schema]) => [
      name,
      z.optional(schema).describe(descriptionOf(schema)),
    ]),
  );

/** The description of a setting; empty when it has none. */
export const descriptionOf = (setting: z.core.$ZodType): string =>
  z.globalRegistry.get(setting)?.description ?? "";

/** The setting with PaymentService's public address for callbacks; see ../settings.ts. */
export const CALLBACK_SETTING = "PAYMENT_CALLBACK_BASE_URL";
