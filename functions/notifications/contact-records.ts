// Contacts as plain DynamoDB records, kept with dynamoose: a model is all they need, and no request waits for them often.

import type { Endpoint } from "../../lib/storage/dynamo-client.ts";
import { StorageUnavailable } from "../../lib/storage/errors.ts";
import type { ContactRecords } from "./contact-book.ts";

const CONNECT_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 2_500;

/** Contacts in the table `tableName`, which must exist. dynamoose is loaded at the first use. */
export function dynamooseContacts(endpoint: Endpoint, tableName: string): ContactRecords {
  let opened: ReturnType<typeof openModel> | undefined;
  const model = () => {
    opened ??= openModel(endpoint, tableName);
    return opened;
  };
  return {
    async read(userId) {
      const contacts = await model();
      const found = await answered("GetItem", contacts.get(userId, { consistent: true }));
      const email: unknown = found?.["email"];
      return typeof email === "string" ? email : undefined;
    },
    async write(user, email, updatedAt) {
      const contacts = await model();
      await answered("PutItem", contacts.create({ user, email, updated_at: updatedAt }, { overwrite: true }));
    },
  };
}

async function openModel({ url, region, ...credentials }: Endpoint, tableName: string) {
  const { default: dynamoose } = await import("dynamoose");
  dynamoose.aws.ddb.set(
    new dynamoose.aws.ddb.DynamoDB({
      endpoint: url,
      region,
      credentials,
      maxAttempts: 3,
      requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    }),
  );
  const contact = dynamoose.model("Contact", {
    user: { type: String, hashKey: true, required: true },
    email: { type: String, required: true },
    updated_at: { type: String, required: true },
  });
  // Tables come from serverless.yml alone.
  new dynamoose.Table(tableName, [contact], { create: false, update: false, waitForActive: false });
  return contact;
}

async function answered<T>(operation: string, reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw new StorageUnavailable(operation, error);
  }
}
