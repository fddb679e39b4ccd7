// NotificationService's own settings: how users are written to who have not said it themselves, and the keys for Web Push.

import * as z from "zod";
import type { Secrets } from "../../lib/auth/keys.ts";
import { type Environment, invalidSettings, parseSettings } from "../../lib/config/env.ts";
import { serviceUrl } from "../../lib/config/service-settings.ts";
import { httpUrl, integer, oneOf, textList } from "../../lib/config/setting-types.ts";
import { LOCALES } from "../../lib/core/locales.ts";
import { forPeers } from "./peer-contract.ts";
import { derivedVapidKey, type VapidKey, vapidKey } from "./push/vapid-keys.ts";

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

const VAPID_FORM =
  "must be a private key of P-256, 43 characters of base64url (npx web-push generate-vapid-keys makes one)";

const isVapidKey = (text: string): boolean => vapidKey(text) !== undefined;

const shape = z.object({
  DEFAULT_LOCALE: oneOf(...LOCALES).default("en"),
  MAIL_TIME_ZONE: z.string().refine(isTimeZone, "must be a time zone such as Asia/Shanghai").default("UTC"),
  MAIL_LINK_BASE_URL: httpUrl.optional(),
  NOTIFICATION_DAYS: integer(730, 0, 36_500),
  VAPID_PRIVATE_KEY: z.string().refine(isVapidKey, VAPID_FORM).optional(),
  VAPID_PRIVATE_KEY_FALLBACKS: textList.refine((keys) => keys.every(isVapidKey), VAPID_FORM),
  VAPID_SUBJECT: z
    .string()
    .regex(/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/, "must be mailto:<address> or an https:// URL")
    .optional(),
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
  const own = serviceUrl(forPeers.service, env);
  const local = DEBUG && GATEWAY_PORT !== undefined ? `http://127.0.0.1:${GATEWAY_PORT}` : undefined;
  return MAIL_LINK_BASE_URL ?? (own !== undefined && isHttps(own) ? own : local);
}

/** The settings in `env`. @throws {ConfigError} naming each that is wrong. */
export const notificationSettings = (env: Environment): z.output<typeof shape> => parseSettings(shape, env);

/**
 * The keys for Web Push, the one for new subscriptions first: those that are set, and those that follow from `secrets`, so that
 * subscriptions made before one was set stay valid.
 */
export function vapidKeysOf(
  {
    VAPID_PRIVATE_KEY,
    VAPID_PRIVATE_KEY_FALLBACKS,
  }: Pick<z.output<typeof shape>, "VAPID_PRIVATE_KEY" | "VAPID_PRIVATE_KEY_FALLBACKS">,
  secrets: Secrets,
): readonly VapidKey[] {
  const given = VAPID_PRIVATE_KEY === undefined ? [] : [VAPID_PRIVATE_KEY];
  const pairs = [...given, ...VAPID_PRIVATE_KEY_FALLBACKS].map((text) => vapidKey(text));
  return [...pairs.filter((pair) => pair !== undefined), ...secrets.map(derivedVapidKey)];
}
