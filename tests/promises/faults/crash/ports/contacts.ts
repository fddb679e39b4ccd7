// Contacts, watched.

import { type Contacts, createContacts as real } from "../../../../../functions/notifications/contacts.ts";
import { watched } from "../passages.ts";

export * from "../../../../../functions/notifications/contacts.ts";

export function createContacts(...given: Parameters<typeof real>): Contacts {
  const contacts = real(...given);
  // What the process knows is no call of a port.
  return { ...watched("contacts", { update: contacts.update, find: contacts.find }), known: contacts.known };
}
