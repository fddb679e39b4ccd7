// The mails as plain HTML, to be read by a person. No script, and nothing of a mail is taken for markup or
// reorders what is around it.

import { readable } from "../../lib/core/text.ts";
import { escapeHtml } from "../../lib/http/html.ts";
import type { Mail } from "./mailbox.ts";

/** All mails in a table, newest first. */
export function listPage(mails: readonly Mail[]): string {
  const rows = mails.map(
    (mail) =>
      `<tr><td class="time">${escaped(mail.received_at)}</td>` +
      `<td><a href="/messages/${encodeURIComponent(mail.id)}">${escaped(mail.subject || "(no subject)")}</a></td>` +
      `<td>${escaped(mail.to)}</td><td class="from">${escaped(mail.from)}</td></tr>`,
  );
  const table =
    rows.length === 0
      ? "<p>No mail yet.</p>"
      : `<table><tr><th>Received</th><th>Subject</th><th>To</th><th class="from">From</th></tr>${rows.join("\n")}</table>`;
  return page(
    "Caught mail",
    `<h1>Caught mail (${mails.length})</h1>${table}<p><a href="/api/messages">As JSON</a></p>`,
  );
}

/** One mail with its headers and text. */
export function mailPage(mail: Mail): string {
  const fields: readonly (readonly [string, string])[] = [
    ["From", mail.from],
    ["To", mail.to],
    ["Date", mail.date],
    ["Received", mail.received_at],
    ["Message-ID", mail.message_id],
  ];
  const rows = fields.map(([name, value]) => `<tr><th>${name}</th><td>${escaped(value)}</td></tr>`);
  return page(
    mail.subject,
    `<p><a href="/">All mail</a></p><h1>${escaped(mail.subject || "(no subject)")}</h1>` +
      `<table>${rows.join("\n")}</table><pre>${escaped(mail.text)}</pre>`,
  );
}

const page = (title: string, body: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc;vertical-align:top}td{overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:light-dark(#f5f5f5,#222);padding:1rem}
@media(min-width:50rem){.time{white-space:nowrap}}
@media(max-width:50rem){.from{display:none}}
</style></head><body>${body}</body></html>
`;

const escaped = (text: string): string => escapeHtml(readable(text));
