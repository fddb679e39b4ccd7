// Live connections as records in DynamoDB: which process, or API, holds a connection of which user.

import { localeOf } from "../../../lib/core/locale.ts";
import type { Locale } from "../../../lib/core/locales.ts";
import type { DynamoClient } from "../../../lib/storage/dynamo-client.ts";
import type { Endpoint } from "../../../lib/storage/endpoint.ts";
import { StorageUnavailable } from "../../../lib/storage/errors.ts";
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
  /** Epoch seconds from which on nothing is sent on it. */
  readonly expires_on: number;
}

export interface ConnectionRecords {
  read(id: string): Promise<ConnectionRecord | undefined>;
  /** All of a user's. May lag behind writes on AWS. */
  of(userId: string): Promise<readonly ConnectionRecord[]>;
  add(record: ConnectionRecord): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Most connections of one user that are read. */
const MOST = 200;

/** Connections as records of the table `tableName`, which must exist. */
export function connectionRecords(
  client: DynamoClient,
  endpoint: Endpoint,
  tableName: string,
): ConnectionRecords {
  let opened: ReturnType<typeof openModel> | undefined;
  return {
    read: async (id) => toRecord(await readRecord(client, tableName, "id", id)),
    async of(userId) {
      const found = await recordsWith(client, tableName, CONNECTIONS_BY_USER, userId, MOST);
      return found.map(toRecord).filter((record) => record !== undefined);
    },
    async add({ id, ...record }) {
      opened ??= openModel(endpoint, tableName);
      const connections = await opened;
      try {
        await connections.update({ id }, record);
      } catch (error) {
        throw new StorageUnavailable("UpdateItem", error);
      }
    },
    async remove(id) {
      // By the client that everything has: functions that only send do not contain dynamoose.
      await client.send("DeleteItem", { TableName: tableName, Key: { id: { S: id } } });
    },
  };
}

function toRecord(item: PlainRecord): ConnectionRecord | undefined {
  const { id, user_id, endpoint, instance, expires_on, ...more } = item;
  if (typeof id !== "string" || typeof user_id !== "string" || typeof endpoint !== "string") return undefined;
  const locale = localeOf(more["locale"]);
  return {
    id,
    user_id,
    endpoint,
    instance: String(instance ?? ""),
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
    expires_on: { type: Number, required: true },
  });
  // The table is made from functions/notifications/tables.ts.
  new dynamoose.Table(tableName, [connection], { create: false, update: false, waitForActive: false });
  return connection;
}
