// Contacts as records in DynamoDB.

import { localeOf } from "../../lib/core/locale.ts";
import type { DynamoClient } from "../../lib/storage/dynamo-client.ts";
import type { Endpoint } from "../../lib/storage/endpoint.ts";
import { StorageUnavailable } from "../../lib/storage/errors.ts";
import type { Contact, ContactRecords } from "./contacts.ts";
import { openDynamoose, type PlainRecord, readRecord } from "./records.ts";

/**
 * Contacts as records of the table `tableName`, which must exist. They are read by `client`, since relays wait for that,
 * and written by dynamoose, which is loaded at the first write.
 */
export function contactRecords(client: DynamoClient, endpoint: Endpoint, tableName: string): ContactRecords {
  let opened: ReturnType<typeof openModel> | undefined;
  return {
    async read(userId) {
      return toContact(await readRecord(client, tableName, "user", userId));
    },
    async write(user, { email, sells, locale }, updatedAt) {
      opened ??= openModel(endpoint, tableName);
      const contacts = await opened;
      const changes = {
        email,
        updated_at: updatedAt,
        ...(sells ? { sells } : {}),
        ...(locale === undefined ? {} : { locale }),
      };
      try {
        return toContact(await contacts.update({ user }, changes)) ?? { email, sells };
      } catch (error) {
        throw new StorageUnavailable("UpdateItem", error);
      }
    },
  };
}

/** Records of earlier versions have no seller's mark and no language. */
function toContact(record: PlainRecord): Contact | undefined {
  const email = record["email"];
  if (typeof email !== "string") return undefined;
  const locale = localeOf(record["locale"]);
  return { email, sells: record["sells"] === true, ...(locale === undefined ? {} : { locale }) };
}

async function openModel(endpoint: Endpoint, tableName: string) {
  const dynamoose = await openDynamoose(endpoint);
  const contact = dynamoose.model("Contact", {
    user: { type: String, hashKey: true, required: true },
    email: { type: String, required: true },
    sells: Boolean,
    locale: String,
    updated_at: { type: String, required: true },
  });
  // The table is made from functions/notifications/tables.ts.
  new dynamoose.Table(tableName, [contact], { create: false, update: false, waitForActive: false });
  return contact;
}
