// Title and content of the notification of an event, in a language and for the reader's role in the order.

import type { Locale } from "../../../lib/core/locales.ts";
import { causeOf, type EventName, type Role } from "../../events.ts";
import { chinese } from "./chinese.ts";
import { english } from "./english.ts";
import { formatMoney } from "./format.ts";
import type { Language, Parts, Texts } from "./language.ts";

export const LANGUAGES: Readonly<Record<Locale, Language>> = { en: english, "zh-CN": chinese };

/** The values of an event from which its texts are made: amounts as decimals, a `reason` as one of this system's causes. */
export type EventData = Readonly<Record<string, string>>;

const VALUES = ["total_amount", "currency", "amount", "reason", "order_id"];

/**
 * Of the values that a sender gave, those that texts are made from. A `reason` is kept only if it is one of this system's own
 * causes ({@link causeOf}): a text that a user wrote never reaches another user in this system's name.
 */
export function eventData(given: EventData): EventData {
  const { reason, ...values } = Object.fromEntries(
    Object.entries(given).filter(([name]) => VALUES.includes(name)),
  );
  const cause = causeOf(reason);
  return cause === undefined ? values : { ...values, reason: cause };
}

/** Title and content of `event` for `role`, in the language of `locale`. Any of `data` may be missing. */
export function textsFor(event: EventName, role: Role, data: EventData, locale: Locale): Texts {
  const { events, causes } = LANGUAGES[locale];
  const { total_amount: total, currency, amount = total, reason } = data;
  const money = (value: string) => formatMoney(value, currency, locale);
  const cause = causeOf(reason);
  const parts: Parts = {
    ...(total === undefined ? {} : { total: money(total) }),
    ...(amount === undefined ? {} : { amount: money(amount) }),
    ...(cause === undefined ? {} : { cause: causes[cause] }),
  };
  return events[event][role](parts);
}
