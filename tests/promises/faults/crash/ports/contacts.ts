// Contacts, watched.

import { type Contacts, createContacts as real } from "../../../../../functions/notifications/contacts.ts";
import { watched } from "../passages.ts";

export * from "../../../../../functions/notifications/contacts.ts";

export function createContacts(...given: Parameters<typeof real>): Contacts {
  return watched("contacts", real(...given));
}
