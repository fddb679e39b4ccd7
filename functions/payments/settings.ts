// PaymentService's own settings: those of its providers, and its public address for their callbacks.

import * as z from "zod";
import { type Environment, invalidSettings } from "../../lib/config/env.ts";
import { serviceUrl } from "../../lib/config/service-settings.ts";
import { baseUrl } from "../../lib/config/setting-types.ts";
import { urlVariable } from "../../lib/core/service-name.ts";
import { payments } from "./contract.ts";
import { PROVIDERS } from "./payment-method.ts";
import { CALLBACK_SETTING } from "./providers/definition.ts";

const shape = z.object({
  [CALLBACK_SETTING]: baseUrl.optional(),
  ...Object.assign({}, ...PROVIDERS.map(({ settings }) => settings)),
});

/** Names of the settings; no functions of other services get them. */
export const settings: readonly string[] = Object.keys(shape.shape);

/** What is wrong with the settings, a line each: a wrong value, a provider configured in part, or a secret that is too short. */
export function settingProblems(env: Environment, debug: boolean): readonly string[] {
  const callbacks = [CALLBACK_SETTING, urlVariable(payments.service)].some(
    (name) => (env[name] ?? "") !== "",
  );
  return [
    ...invalidSettings(shape, env),
    ...PROVIDERS.flatMap((provider) => provider.problems(env, { debug, callbacks })),
  ];
}

/** The public URL of the callback route for `method`; undefined when the settings have no public address. */
export function callbackUrl(env: Environment, method: string): string | undefined {
  const base = callbackBase(env);
  const path = payments.routes.callback.path.replace("{method}", method);
  return base && `${base.replace(/\/$/, "")}${path}`;
}

const callbackBase = (env: Environment): string | undefined =>
  env[CALLBACK_SETTING] || serviceUrl(payments.service, env);
