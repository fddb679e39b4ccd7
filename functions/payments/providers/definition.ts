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
  /** Settings of its own, by the name of their environment variable. */
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

export interface ProviderDefinition<Method extends string, Shape extends z.ZodRawShape> {
  readonly method: Method;
  readonly name: string;
  readonly settings: Shape;
  /** What it can't do without: with one of them set, all must be. */
  readonly needed: readonly (keyof Shape & string)[];
  /** Optional settings that mean something only together. */
  readonly pairs?: readonly (readonly [keyof Shape & string, keyof Shape & string])[];
  readonly checks: CheckPlan;
  readonly replies: CallbackReplies;
  /** Loads its adapter, and its SDK with it, when it is first called. */
  load(settings: z.output<z.ZodObject<Shape>>, callbackUrl: string): Promise<Provider>;
}

/** A provider that is reached over the network, and offered where all of its {@link ProviderDefinition.needed} is set. */
export function defineProvider<const Method extends string, Shape extends z.ZodRawShape>(
  definition: ProviderDefinition<Method, Shape>,
): ProviderEntry<Method> {
  const { method, name, settings, needed, pairs = [], checks, replies, load } = definition;
  const schema = z.object(settings);
  const isMissing = (env: Environment, setting: string) => (env[setting] ?? "") === "";
  const lacking = (env: Environment) => needed.filter((setting) => isMissing(env, setting));
  /** The other half of each pair of which one is set. */
  const halves = (env: Environment) =>
    pairs
      .map((pair) => pair.filter((setting) => isMissing(env, setting)))
      .flatMap((missing) => (missing.length === 1 ? missing : []));
  return {
    method,
    name,
    settings: Object.fromEntries(Object.entries(schema.shape)),
    checks,
    problems(env, { callbacks }) {
      const missing: string[] = lacking(env);
      if (missing.length === needed.length) return [];
      missing.push(...halves(env));
      if (!callbacks) missing.push(CALLBACK_SETTING);
      return missing.map((setting) => `${setting} is missing: ${name} needs it`);
    },
    offer({ env, callbackUrl }) {
      const url = callbackUrl(method);
      if (url === undefined || lacking(env).length > 0) return undefined;
      const parsed = parseSettings(schema, env);
      return lazyProvider({ method, replies }, () => load(parsed, url));
    },
  };
}

/** Where providers reach PaymentService; see ../settings.ts. */
export const CALLBACK_SETTING = "PAYMENT_CALLBACK_BASE_URL";
