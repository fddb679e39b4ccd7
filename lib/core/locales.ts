// The languages in which users are addressed, as language tags (BCP 47).

export const LOCALES = ["en", "zh-CN"] as const;

export type Locale = (typeof LOCALES)[number];
