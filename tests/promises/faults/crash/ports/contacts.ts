// The contact book, watched.

import type { ContactBook } from "../../../../../functions/notifications/contact-book.ts";
import { contactBook as real } from "../../../../../functions/notifications/contacts.ts";
import { watched } from "../passages.ts";

export * from "../../../../../functions/notifications/contacts.ts";

export const contactBook = (): ContactBook => watched("contacts", real());
