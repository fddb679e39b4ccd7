// The text of a notification, made for its reader when it is shown or sent.

import type { User } from "../../lib/auth/caller.ts";
import type { Locale } from "../../lib/core/locales.ts";
import type { Notification } from "./notification.ts";
import type { NotificationPorts } from "./ports.ts";
import type { Reader } from "./readers.ts";
import { textsFor } from "./texts/event-texts.ts";
import type { Texts } from "./texts/language.ts";

/** What is known of a reader's language. */
export interface ReaderLocale {
  /** Their preference, else the one that their token names. */
  readonly chosen: Locale | undefined;
  /** The one for a reader of whom nothing is known. */
  readonly fallback: Locale;
}

/** The reader's language: the chosen one, else that in which their order was placed, else the fallback. */
export function localeFor({ body }: Notification, { chosen, fallback }: ReaderLocale): Locale {
  return chosen ?? (body.kind === "event" ? body.locale : undefined) ?? fallback;
}

/** Title and content for the reader, and the language that they are in; a written text stays as it is, in an unknown one. */
export function textOf(notification: Notification, reader: ReaderLocale): Texts & { locale: Locale | null } {
  const { body } = notification;
  if (body.kind === "text") return { title: body.title, content: body.content, locale: null };
  const locale = localeFor(notification, reader);
  return { ...textsFor(body.event, body.role, body.data, locale), locale };
}

/** What is known of the language of `user`, who sends a request. */
export const readerLocale = (
  { defaultLocale }: Pick<NotificationPorts, "defaultLocale">,
  { locale }: Pick<User, "locale">,
  { preferences }: Pick<Reader, "preferences">,
): ReaderLocale => ({ chosen: preferences.locale ?? locale, fallback: defaultLocale });
