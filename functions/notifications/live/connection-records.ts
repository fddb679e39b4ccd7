// Live connections as records in DynamoDB: which process, or API, holds a connection of which user.

import { localeOf } from "../../../lib/core/locale.ts";
import type { Locale } from "../../../lib/core/locales.ts";
import type { DynamoClient } from "../../../lib/storage/dynamo-client.ts";
import type { Endpoint } from "../../../lib/storage/endpoint.ts";
import { StorageUnavailable } from "../../../lib/storage/errors.ts";
import { places } from "../places.ts";
import { openDynamoose, type PlainRecord, readRecord, recordsWith } from "../records.ts";
import { CONNECTIONS_BY_USER } from "../tables.ts";

export interface ConnectionRecord {
  readonly id: string;
  readonly user_id: string;
  /** Where the holder is reached: a service's address, on AWS the management API. */
  readonly endpoint: string;
  /** The holder's instance id; empty on AWS. */
  readonly instance: string;
  /** The language of its frames, if its token named one. */
  readonly locale?: Locale;
  /** Epoch seconds at which it was asked for; 0 in records of earlier versions. */
  readonly opened_on: number;
  /** Epoch seconds from which on nothing is sent on it. */
  readonly expires_on: number;
}

/** What identifies a connection for its removal. */
export type ConnectionOf = Pick<ConnectionRecord, "id" | "user_id">;

export interface ConnectionRecords {
  read(id: string): Promise<ConnectionRecord | undefined>;
  /** All of a user's. May lag behind writes on AWS. */
  of(userId: string): Promise<readonly ConnectionRecord[]>;
  /** The ids of a user's that count, as they are now. */
  idsOf(userId: string): Promise<readonly string[]>;
  /** Stores it, unless its user has `most` already: then false. */
  add(record: ConnectionRecord, most: number): Promise<boolean>;
  /** Removes its record, and its place. */
  remove(connection: ConnectionOf): Promise<void>;
}

/** Most connections of one user that are read. */
const MOST = 200;
/** Seconds for which a user's places are kept after the last one was taken: longer than any connection. */
const LISTED_S = 86_400;

/** Connections as records of the table `tableName`, which must exist. */
export function connectionRecords(
  client: DynamoClient,
  endpoint: Endpoint,
  tableName: string,
): ConnectionRecords {
  let opened: ReturnType<typeof openModel> | undefined;
  const taken = places(client, tableName, "connection_ids");
  const removeRecord = (id: string) =>
    // By the client that everything has: functions that only send do not contain dynamoose.
    client.send("DeleteItem", { TableName: tableName, Key: { id: { S: id } } });
  return {
    read: async (id) => toRecord(await readRecord(client, tableName, "id", id)),
    async of(userId) {
      const found = await recordsWith(client, tableName, CONNECTIONS_BY_USER, userId, MOST);
      return found.map(toRecord).filter((record) => record !== undefined);
    },
    idsOf: (userId) => taken.of(userId),
    async add({ id, ...record }, most) {
      opened ??= openModel(endpoint, tableName);
      const connections = await opened;
      try {
        await connections.update({ id }, record);
      } catch (error) {
        throw new StorageUnavailable("UpdateItem", error);
      }
      // After the record: so a place without one is that of a connection which has ended, wherever a process was killed.
      if (await taken.take(record.user_id, id, most, record.opened_on + LISTED_S)) return true;
      await removeRecord(id);
      return false;
    },
    async remove({ id, user_id }) {
      await removeRecord(id);
      await taken.free(user_id, id);
    },
  };
}

function toRecord(item: PlainRecord): ConnectionRecord | undefined {
  const { id, user_id, endpoint, instance, opened_on, expires_on, ...more } = item;
  if (typeof id !== "string" || typeof user_id !== "string" || typeof endpoint !== "string") return undefined;
  const locale = localeOf(more["locale"]);
  return {
    id,
    user_id,
    endpoint,
    instance: String(instance ?? ""),
    opened_on: Number(opened_on ?? 0),
    expires_on: Number(expires_on),
    ...(locale === undefined ? {} : { locale }),
  };
}

async function openModel(endpoint: Endpoint, tableName: string) {
  const dynamoose = await openDynamoose(endpoint);
  const connection = dynamoose.model("Connection", {
    id: { type: String, hashKey: true, required: true },
    user_id: { type: String, required: true },
    endpoint: { type: String, required: true },
    instance: { type: String },
    locale: String,
    opened_on: { type: Number, required: true },
    expires_on: { type: Number, required: true },
  });
  // The table is made from functions/notifications/tables.ts.
  new dynamoose.Table(tableName, [connection], { create: false, update: false, waitForActive: false });
  return connection;
}
