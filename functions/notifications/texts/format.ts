// Amounts and times as a language writes them, by Intl (ECMA-402).

import type { Locale } from "../../../lib/core/locales.ts";

const amounts = new Map<string, Intl.NumberFormat>();
const times = new Map<string, Intl.DateTimeFormat>();

/**
 * The decimal `amount` ("299.99") with its currency (ISO 4217): `CN¥299.99` in English, `¥299.99` in Chinese. Always with 2
 * decimals, as amounts have here in every currency. What is no amount in a currency is returned as it was given.
 */
export function formatMoney(amount: string, currency: string | undefined, locale: Locale): string {
  if (currency === undefined) return amount;
  if (!isDecimal(amount) || !/^[A-Z]{3}$/.test(currency)) return `${amount} ${currency}`;
  const key = `${locale} ${currency}`;
  const known = amounts.get(key);
  if (known !== undefined) return known.format(amount);
  const decimals = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const format = new Intl.NumberFormat(locale, { style: "currency", currency, ...decimals });
  // Bounded, in case a sender knows more currencies than there are.
  if (amounts.size < 500) amounts.set(key, format);
  return format.format(amount);
}

const isDecimal = (amount: string): amount is `${number}` => /^\d{1,12}(\.\d{1,2})?$/.test(amount);

/** The RFC 3339 time `at` in `timeZone` (IANA), which is named: `Nov 1, 2026, 12:00 UTC`. */
export function formatTime(at: string, locale: Locale, timeZone: string): string {
  const key = `${locale} ${timeZone}`;
  const format =
    times.get(key) ??
    new Intl.DateTimeFormat(locale, {
      year: "numeric",
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      timeZone,
      timeZoneName: "short",
    });
  times.set(key, format);
  return format.format(Date.parse(at));
}
