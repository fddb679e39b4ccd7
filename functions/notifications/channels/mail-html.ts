// The HTML part of a mail. It loads nothing from outside, has no script, and shows texts as they are. Styles are within the
// elements, because many mail programs drop a style sheet; what is in one only adds to them (dark colours, narrow screens).

import type { Locale } from "../../../lib/core/locales.ts";
import { readable } from "../../../lib/core/text.ts";
import { escapeHtml } from "../../../lib/http/html.ts";

/** The parts of a mail, in their order. */
export interface MailParts {
  readonly title: string;
  readonly content: string;
  /** True for a text as its sender wrote it, whose language and direction are not known. */
  readonly written: boolean;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly reason: string;
  readonly unsubscribe: { readonly label: string; readonly url: string } | undefined;
}

const FONT =
  "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',sans-serif";

const SHEET = `:root{color-scheme:light dark}
@media (max-width:30rem){.card{padding:1.25rem!important;border-radius:0!important}.page{padding:0!important}}
@media (prefers-color-scheme:dark){.page{background:#101214!important}.card{background:#1b1e22!important;color:#eceef0!important}.quiet,.label{color:#a9b0b8!important}.link{color:#8ec5ff!important}.rule{border-color:#3a4048!important}}`;

/** A whole document in the language of `locale`. */
export function mailHtml(parts: MailParts, locale: Locale): string {
  const { title, content, written, facts, reason, unsubscribe } = parts;
  // An empty `lang` means that the language is not known (HTML, 3.2.6.2).
  const language = written ? ' lang="" dir="auto"' : "";
  const rows = facts.map(
    ({ label, value }) =>
      `<tr><th class="label" scope="row" style="text-align:start;font-weight:normal;color:#5b636b;padding:.2rem 1rem .2rem 0;vertical-align:top;white-space:nowrap">${shown(label)}</th><td style="padding:.2rem 0;overflow-wrap:anywhere;word-break:break-word">${shown(value)}</td></tr>`,
  );
  const link =
    unsubscribe === undefined
      ? ""
      : `<br>
<a class="link" style="color:#0b5cad" href="${shown(unsubscribe.url)}">${shown(unsubscribe.label)}</a>`;
  return `<!doctype html>
<html lang="${locale}" dir="ltr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${shown(title)}</title><style>${SHEET}</style></head>
<body class="page" style="margin:0;padding:2rem 1rem;background:#eef0f2">
<div class="card" style="box-sizing:border-box;max-width:36rem;margin:0 auto;padding:2rem;border-radius:.6rem;background:#fff;color:#1d2126;font-size:16px;line-height:1.6;${FONT}">
<p class="quiet" style="margin:0 0 1rem;font-size:14px;color:#5b636b">CFMP-Order</p>
<h1${language} style="margin:0 0 .75rem;font-size:22px;line-height:1.3;overflow-wrap:anywhere;word-break:break-word">${shown(title)}</h1>
<p${language} style="margin:0 0 1.25rem;overflow-wrap:anywhere;word-break:break-word">${shown(content).replace(/\r\n?|\n/g, "<br>\n")}</p>
<table style="border-collapse:collapse;font-size:14px;line-height:1.5">
${rows.join("\n")}
</table>
<p class="quiet rule" style="margin:1.5rem 0 0;padding-top:1rem;border-top:1px solid #d9dde1;font-size:13px;color:#5b636b">${shown(reason)}${link}</p>
</div></body></html>
`;
}

const shown = (text: string): string => escapeHtml(readable(text));
