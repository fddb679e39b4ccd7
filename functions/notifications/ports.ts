// What NotificationService needs of the world outside; tests and simulations bring their own.

import type { Hint } from "../../lib/outbox/hint.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { Mailer } from "./channels/email.ts";
import type { Contacts } from "./contacts.ts";

export interface NotificationPorts {
  readonly table: Table;
  readonly contacts: Contacts;
  /** Undefined where no mail server is set: no mail is begun then, and what is in outboxes waits for one. */
  readonly mailer: Mailer | undefined;
  readonly cursorKey: Uint8Array;
  now(): number;
  /** Says that the notification `id` has a mail to be sent. */
  readonly hint: Hint;
}
