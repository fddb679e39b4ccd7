// What the system has to know of a payment provider before any of its code runs.

import * as z from "zod";
import { type Environment, parseSettings } from "../../../lib/config/env.ts";
import { lazyProvider } from "./lazy-provider.ts";
import type { CallbackReplies, Provider } from "./provider.ts";

/** When a provider is asked how an attempt stands, besides what it reports by itself. Milliseconds; undefined: never. */
export interface CheckPlan {
  /** After an attempt's beginning, while it is live; then again after as long, twice as long, … */
  readonly whileLive: number | undefined;
  /** After the time of an attempt that captured nothing is over, for the last time. */
  readonly afterEnd: number | undefined;
}

/** What an offer may depend on. */
export interface Place {
  readonly env: Environment;
  readonly debug: boolean;
  /** The public address of a method's callback route; undefined when the settings do not say where we are. */
  readonly callbackUrl: (method: string) => string | undefined;
  /** The provider that is part of this system. */
  readonly sandbox: Provider;
}

export interface ProviderEntry<Method extends string = string> {
  /** What requests call it, and what is stored: never changes. */
  readonly method: Method;
  /** For people: `WeChat Pay`. */
  readonly name: string;
  /** Settings of its own, by the name of their environment variable; .env.example has their descriptions. */
  readonly settings: Readonly<Record<string, z.ZodType>>;
  readonly checks: CheckPlan;
  /** What is wrong with its settings together, a line each. */
  problems(
    env: Environment,
    place: { readonly debug: boolean; readonly callbacks: boolean },
  ): readonly string[];
  /** The provider, where it is configured. */
  offer(place: Place): Provider | undefined;
}

export interface ProviderDefinition<
  Method extends string,
  Needed extends z.ZodRawShape,
  Further extends z.ZodRawShape,
> {
  readonly method: Method;
  readonly name: string;
  /** Settings that it can't do without: with one of them set, all must be. Each says by `describe` what it is, for people. */
  readonly needed: Needed;
  /** Settings that have a default, or may be left out. */
  readonly further: Further;
  /** Settings among these that mean something only together. */
  readonly pairs?: readonly (readonly [keyof Further & string, keyof Further & string])[];
  readonly checks: CheckPlan;
  readonly replies: CallbackReplies;
  /** Loads its adapter, and its SDK with it, when it is first called. */
  load(
    settings: z.output<z.ZodObject<Needed>> & z.output<z.ZodObject<Further>>,
    callbackUrl: string,
  ): Promise<Provider>;
}

/** A provider that is reached over the network, and offered where all of its {@link ProviderDefinition.needed} settings are there. */
export function defineProvider<
  const Method extends string,
  Needed extends z.ZodRawShape,
  Further extends z.ZodRawShape,
>(definition: ProviderDefinition<Method, Needed, Further>): ProviderEntry<Method> {
  const { method, name, pairs = [], checks, replies, load } = definition;
  const needed = z.object(definition.needed);
  const further = z.object(definition.further);
  const names = Object.keys(needed.shape);
  const isMissing = (env: Environment, setting: string) => (env[setting] ?? "") === "";
  const lacking = (env: Environment) => names.filter((setting) => isMissing(env, setting));
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
      return missing.map((setting) => `${setting} is missing: ${name} needs it`);
    },
    offer({ env, callbackUrl }) {
      const url = callbackUrl(method);
      if (url === undefined || lacking(env).length > 0) return undefined;
      const settings = { ...parseSettings(needed, env), ...parseSettings(further, env) };
      return lazyProvider({ method, replies }, () => load(settings, url));
    },
  };
}

/** Each of `settings` by itself: whether it may be missing depends on the others. Descriptions are kept. */
const mayBeMissing = (settings: z.ZodRawShape): Readonly<Record<string, z.ZodType>> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, schema]) => [
      name,
      z.optional(schema).describe(descriptionOf(schema)),
    ]),
  );

/** What a setting says of itself, for people; empty when it says nothing. */
export const descriptionOf = (setting: z.core.$ZodType): string =>
  z.globalRegistry.get(setting)?.description ?? "";

/** Where providers reach PaymentService; see ../settings.ts. */
export const CALLBACK_SETTING = "PAYMENT_CALLBACK_BASE_URL";
