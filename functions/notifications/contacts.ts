// This process's contact book.

import { platform } from "../../lib/http/platform.ts";
import { endpointOf } from "../../lib/storage/dynamo-client.ts";
import { type ContactBook, createContactBook } from "./contact-book.ts";
import { processContacts } from "./contact-cache.ts";
import { dynamooseContacts } from "./contact-records.ts";

let shared: ContactBook | undefined;

/** The contact book over the table `<DB_NAME>-contacts`. */
export function contactBook(): ContactBook {
  if (shared) return shared;
  const { config } = platform();
  const records = dynamooseContacts(endpointOf(config), `${config.DB_NAME}-contacts`);
  shared = createContactBook(records, processContacts, Date.now);
  return shared;
}
