// The page that a link to unsubscribe leads to. It has no script, and loads nothing.

import { createHash } from "node:crypto";
import type { Locale } from "../../lib/core/locales.ts";
import { escapeHtml } from "../../lib/http/html.ts";
import { LANGUAGES } from "./texts/event-texts.ts";

const STYLE = `body{font:18px/1.6 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1.25rem;background:#fff;color:#1a1a1a}
h1{font-size:1.5rem;line-height:1.3}
button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;background:#0b5cad;color:#fff;cursor:pointer}
@media (prefers-color-scheme:dark){body{background:#161616;color:#eee}button{background:#8ec5ff;color:#111}}`;

/** What the page says: it asks, confirms that it is done, or says that the link is not valid. */
export type UnsubscribeStep = "question" | "done" | "invalid";

/** The page in the language of `locale`. The form posts to the address of the page itself, as a mail program would. */
export function unsubscribePage(locale: Locale, step: UnsubscribeStep): string {
  const words = LANGUAGES[locale].unsubscribing;
  const form = `<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>${escapeHtml(words.confirm)}</button></form>`;
  return `<!doctype html>
<html lang="${locale}" dir="ltr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex"><title>${escapeHtml(words.title)}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(words.title)}</h1><p>${escapeHtml(words[step])}</p>${step === "question" ? form : ""}</main></body></html>
`;
}

const styleHash = createHash("sha256").update(STYLE).digest("base64");

/** Headers of the page. The token in its address must reach nobody else. */
export const UNSUBSCRIBE_PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
};
