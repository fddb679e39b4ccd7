// Push subscriptions as records in DynamoDB.

import { localeOf } from "../../../lib/core/locale.ts";
import type { DynamoClient } from "../../../lib/storage/dynamo-client.ts";
import type { Endpoint } from "../../../lib/storage/endpoint.ts";
import { StorageUnavailable } from "../../../lib/storage/errors.ts";
import { places } from "../places.ts";
import { openDynamoose, type PlainRecord, readRecord, recordsWith } from "../records.ts";
import { SUBSCRIPTIONS_BY_USER } from "../tables.ts";
import type { Subscription } from "./subscription.ts";

export interface SubscriptionRecords {
  /** Whether anybody has ever subscribed. */
  inUse(): Promise<boolean>;
  read(id: string): Promise<Subscription | undefined>;
  /** The ids of a user's, also of ones that have moved to another user meanwhile: on AWS the index lags behind. */
  idsOf(userId: string): Promise<readonly string[]>;
  /** Adds it, or replaces the one with its id. */
  write(subscription: Subscription): Promise<void>;
  /** Removes its record, and its place. */
  remove(subscription: SubscriptionOf): Promise<void>;
  /** The ids with a place among its user's, as they are now. */
  placesOf(userId: string): Promise<readonly string[]>;
  /** Gives it a place among its user's, if it has none; false when `most` others have one. */
  takePlace(subscription: SubscriptionOf, most: number): Promise<boolean>;
  freePlace(subscription: SubscriptionOf): Promise<void>;
}

/** What identifies a subscription, and whose it is or was. */
export type SubscriptionOf = Pick<Subscription, "id" | "user_id">;

/** Most subscriptions of one user that are read. */
const MOST = 50;
/** A record without a user: its id is no UUID. */
export const IN_USE_ID = "in-use";

/**
 * Subscriptions as records of the table `tableName`, which must exist. They are read by `client`, since relays wait for that, and
 * written by dynamoose, which is loaded at the first write.
 */
export function subscriptionRecords(
  client: DynamoClient,
  endpoint: Endpoint,
  tableName: string,
): SubscriptionRecords {
  let opened: ReturnType<typeof openModel> | undefined;
  const taken = places(client, tableName, "subscription_ids");
  const itemOf = (id: string) => readRecord(client, tableName, "id", id);
  return {
    inUse: async () => (await itemOf(IN_USE_ID))["id"] === IN_USE_ID,
    read: async (id) => toSubscription(await itemOf(id)),
    async idsOf(userId) {
      const found = await recordsWith(client, tableName, SUBSCRIPTIONS_BY_USER, userId, MOST);
      return found.map((item) => String(item["id"]));
    },
    async write({ id, ...attributes }) {
      // Before it: a crash between the two leaves a mark without a use, which costs reads; a use without a mark would be told of nothing.
      await client.send("UpdateItem", {
        TableName: tableName,
        Key: { id: { S: IN_USE_ID } },
        UpdateExpression: "SET #a = :now",
        ExpressionAttributeNames: { "#a": "created_at" },
        ExpressionAttributeValues: { ":now": { S: attributes.created_at } },
      });
      opened ??= openModel(endpoint, tableName);
      const subscriptions = await opened;
      // What this one does not say must not stay from the one before.
      const optional = ["locale", "expires_on"].filter((name) => !(name in attributes));
      try {
        await subscriptions.update({ id }, { $SET: attributes, $REMOVE: optional });
      } catch (error) {
        throw new StorageUnavailable("UpdateItem", error);
      }
    },
    async remove({ id, user_id }) {
      await client.send("DeleteItem", { TableName: tableName, Key: { id: { S: id } } });
      await taken.free(user_id, id);
    },
    placesOf: (userId) => taken.of(userId),
    takePlace: ({ id, user_id }, most) => taken.take(user_id, id, most),
    freePlace: ({ id, user_id }) => taken.free(user_id, id),
  };
}

function toSubscription(item: PlainRecord): Subscription | undefined {
  const text = (name: string): string => String(item[name] ?? "");
  if (text("user_id") === "") return undefined;
  const locale = localeOf(item["locale"]);
  return {
    id: text("id"),
    user_id: text("user_id"),
    endpoint: text("endpoint"),
    p256dh: text("p256dh"),
    auth: text("auth"),
    vapid_key: text("vapid_key"),
    created_at: text("created_at"),
    ...(locale === undefined ? {} : { locale }),
    ...(item["expires_on"] === undefined ? {} : { expires_on: Number(item["expires_on"]) }),
  };
}

async function openModel(endpoint: Endpoint, tableName: string) {
  const dynamoose = await openDynamoose(endpoint);
  const required = { type: String, required: true };
  const subscription = dynamoose.model("PushSubscription", {
    id: { type: String, hashKey: true, required: true },
    user_id: required,
    endpoint: required,
    p256dh: required,
    auth: required,
    vapid_key: required,
    locale: String,
    created_at: required,
    expires_on: Number,
  });
  // The table is made from functions/notifications/tables.ts.
  new dynamoose.Table(tableName, [subscription], { create: false, update: false, waitForActive: false });
  return subscription;
}
