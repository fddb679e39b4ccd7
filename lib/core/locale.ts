// How a language tag or an `Accept-Language` header names one of the languages in which users are addressed.

import type { Locale } from "./locales.ts";

/** By primary subtag, in its two letters (ISO 639-1) and in three (639-2 and -3, Mandarin and Cantonese too). Every kind of Chinese is written to in simplified characters: its readers know English less often. */
const BY_LANGUAGE: ReadonlyMap<string, Locale> = new Map([
  ["en", "en"],
  ["eng", "en"],
  ...["zh", "zho", "chi", "cmn", "yue"].map((subtag) => [subtag, "zh-CN"] as const),
]);

/**
 * The locale for a language tag (RFC 4647, 3.4: by its primary subtag), in either case, also with `_` as some identity providers
 * write it; undefined for another language, and for what is no tag.
 */
export function localeOf(tag: unknown): Locale | undefined {
  if (typeof tag !== "string") return undefined;
  const language = /^([a-z]{2,3})(?:[-_][a-z0-9]{1,8}){0,8}$/i.exec(tag)?.[1];
  return language === undefined ? undefined : BY_LANGUAGE.get(language.toLowerCase());
}

/** How many ranges of a header are read: more are no reader's choice. */
const MOST_RANGES = 20;

/** The locale that an `Accept-Language` header prefers (RFC 9110, 12.5.4); undefined when it names none of LOCALES. */
export function acceptedLocale(header: string | undefined): Locale | undefined {
  const wanted = (header ?? "")
    .split(",", MOST_RANGES)
    .map((range) => {
      const [tag = "", weight] = range.split(";", 2);
      return { locale: localeOf(tag.trim()), quality: qualityOf(weight) };
    })
    .filter(({ locale, quality }) => locale !== undefined && quality > 0);
  // Sorting is stable: of equal weights the first counts.
  return wanted.sort((a, b) => b.quality - a.quality)[0]?.locale;
}

/** The weight in `q=0.8`; 1 without one, 0 for what is none. */
function qualityOf(parameter: string | undefined): number {
  if (parameter === undefined) return 1;
  const value = /^\s*q=([01](?:\.\d{0,3})?)\s*$/i.exec(parameter)?.[1];
  return value === undefined ? 0 : Number(value);
}
