// The ports of NotificationService; tests and simulations provide their own.

import type { Locale } from "../../lib/core/locales.ts";
import type { CursorKeys } from "../../lib/http/cursor.ts";
import type { Hint } from "../../lib/outbox/hint.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { Mailer } from "./channels/email.ts";
import type { Contacts } from "./contacts.ts";
import type { FeedClocks } from "./live/feed.ts";
import type { LivePorts } from "./live/live-ports.ts";
import type { PushPorts } from "./push/push-ports.ts";
import type { UnsubscribeLinks } from "./unsubscribe-links.ts";
import type { WebhookPorts } from "./webhooks/webhook-ports.ts";

export interface NotificationPorts {
  readonly table: Table;
  /** Days for which a notification is kept; for good without it, or with 0. */
  readonly keepDays?: number;
  readonly contacts: Contacts;
  /** Undefined when no mail server is configured: then no mails are created, and those in outboxes wait. */
  readonly mailer: Mailer | undefined;
  /** The language of a reader whose own is not known. */
  readonly defaultLocale: Locale;
  /** The time zone of times in mails, which name it. */
  readonly timeZone: string;
  readonly unsubscribeLinks: UnsubscribeLinks;
  readonly cursorKeys: CursorKeys;
  now(): number;
  readonly feedClocks: FeedClocks;
  readonly live: LivePorts;
  readonly push: PushPorts;
  readonly webhooks: WebhookPorts;
  /** Hints to the relay that the notification `id` has a mail or a push to send. */
  readonly hint: Hint;
}
