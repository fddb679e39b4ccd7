// Mails as the mail catcher has them.

import * as z from "zod";
import { mailIdOf } from "../../../functions/notifications/contract.ts";
import { Problem } from "../../../lib/http/problem.ts";
import type { CaughtMail } from "./contract.ts";

const WITHIN_MS = 2_000;

const mailList = z.object({ items: z.array(z.object({ id: z.string() })) });

const mailOfCatcher = z.object({
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string().nullable(),
});

export interface Caught extends CaughtMail {
  readonly html: string | null;
}

/**
 * The mail about a notification; undefined where there is no mail catcher at `url`, or it has not got the mail or keeps it no more.
 * @throws {Problem} 502 `mail_unreadable` where it does not answer.
 */
export async function caughtMail(url: string | null, notificationId: string): Promise<Caught | undefined> {
  if (url === null) return undefined;
  const query = new URLSearchParams({ message_id: mailIdOf(notificationId) });
  try {
    const { items } = mailList.parse(await jsonAt(new URL(`/api/messages?${query}`, url)), JITLESS);
    const [newest] = items;
    if (newest === undefined) return undefined;
    const mail = mailOfCatcher.parse(await jsonAt(new URL(`/api/messages/${newest.id}`, url)), JITLESS);
    return { ...mail, has_html: mail.html !== null, copies: items.length };
  } catch {
    throw new Problem(502, "mail_unreadable", `The mail catcher at ${url} does not answer.`);
  }
}

const JITLESS = { jitless: true };

async function jsonAt(url: URL): Promise<unknown> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(WITHIN_MS) });
  if (!reply.ok) throw new Error(`It answered ${reply.status}.`);
  return await reply.json();
}
