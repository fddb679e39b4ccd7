// What NotificationService needs of the world outside; tests and simulations bring their own.

import type { Table } from "../../lib/storage/table.ts";

export interface NotificationPorts {
  readonly table: Table;
  readonly cursorKey: Uint8Array;
  /** Whether mail can be sent at all here. */
  readonly mailEnabled: boolean;
  /** A user's address as far as this process knows it without asking; see contact-cache.ts. */
  knownAddress(userId: string): string | null | undefined;
  now(): number;
  /** Says that the notification `id` has a mail to be sent. */
  hint(id: string, traceparent: string): Promise<void>;
}
