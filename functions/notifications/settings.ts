// NotificationService's own settings: how users are written to who have not said it themselves.

import * as z from "zod";
import { type Environment, invalidSettings, parseSettings } from "../../lib/config/env.ts";
import { serviceUrl } from "../../lib/config/service-settings.ts";
import { httpUrl, oneOf } from "../../lib/config/setting-types.ts";
import { LOCALES } from "../../lib/core/locales.ts";
import { notifications } from "./contract.ts";

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

const shape = z.object({
  DEFAULT_LOCALE: oneOf(...LOCALES).default("en"),
  MAIL_TIME_ZONE: z.string().refine(isTimeZone, "must be a time zone such as Asia/Shanghai").default("UTC"),
  MAIL_LINK_BASE_URL: httpUrl.optional(),
});

/** Names of the settings; no functions of other services get them. */
export const settings: readonly string[] = Object.keys(shape.shape);

/** What is wrong with the settings, a line each. Links in mails must be `https`, but on a laptop (RFC 8058, 3.1). */
export function settingProblems(env: Environment, debug: boolean): readonly string[] {
  const wrong = invalidSettings(shape, env);
  const base = env["MAIL_LINK_BASE_URL"] ?? "";
  if (debug || base === "" || wrong.length > 0 || isHttps(base)) return wrong;
  return ["MAIL_LINK_BASE_URL must begin with https://"];
}

const isHttps = (url: string): boolean => /^https:/i.test(url);

/**
 * The address under which links in mails are reached: the one that is set, else the service's own if it is `https`, else with
 * `DEBUG` the gateway's. Undefined when there is none.
 */
export function linkBase(
  env: Environment,
  { DEBUG, GATEWAY_PORT }: { readonly DEBUG: boolean; readonly GATEWAY_PORT: number | undefined },
): string | undefined {
  const { MAIL_LINK_BASE_URL } = notificationSettings(env);
  const own = serviceUrl(notifications.service, env);
  const local = DEBUG && GATEWAY_PORT !== undefined ? `http://127.0.0.1:${GATEWAY_PORT}` : undefined;
  return MAIL_LINK_BASE_URL ?? (own !== undefined && isHttps(own) ? own : local);
}

/** The settings in `env`. @throws {ConfigError} naming each that is wrong. */
export const notificationSettings = (env: Environment): z.output<typeof shape> => parseSettings(shape, env);
