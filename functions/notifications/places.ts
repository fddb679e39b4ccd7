// Places: how many connections, subscriptions or webhooks an owner may have at once. The ids that have one are a set in one item for
// each owner, in the table of their records, and the condition of its own write bounds it. So their number is exact, however many
// requests come at once and whichever processes answer them.

import type { DynamoClient } from "../../lib/storage/dynamo-client.ts";
import { readRecord } from "./records.ts";

export interface Places {
  /** The ids that have a place, as they are now. */
  of(owner: string): Promise<readonly string[]>;
  /**
   * Gives `id` a place, if it has none; false when `most` others have one. `expiresOn` (epoch seconds): from then on no place of this
   * owner counts, unless another one is taken meanwhile.
   */
  take(owner: string, id: string, most: number, expiresOn?: number): Promise<boolean>;
  free(owner: string, id: string): Promise<void>;
}

const PREFIX = "list:";

/** The key of an owner's set. No record's id begins so. */
export const placesId = (owner: string): string => PREFIX + owner;

export const arePlaces = (key: string): boolean => key.startsWith(PREFIX);

/** Places as items of the table `tableName`; `attribute` is the set's name. */
export function places(client: DynamoClient, tableName: string, attribute: string): Places {
  const update = (owner: string, more: object) =>
    client.send("UpdateItem", {
      TableName: tableName,
      Key: { id: { S: placesId(owner) } },
      ...more,
    });
  return {
    async of(owner) {
      const ids = (await readRecord(client, tableName, "id", placesId(owner)))[attribute];
      return Array.isArray(ids) ? ids.map(String) : [];
    },
    async take(owner, id, most, expiresOn) {
      const lasting = expiresOn === undefined;
      const { conditionFailed } = await update(owner, {
        UpdateExpression: `ADD #ids :ids${lasting ? "" : " SET expires_on = :on"}`,
        ConditionExpression: "attribute_not_exists(#ids) OR contains(#ids, :id) OR size(#ids) < :most",
        ExpressionAttributeNames: { "#ids": attribute },
        ExpressionAttributeValues: {
          ":ids": { SS: [id] },
          ":id": { S: id },
          ":most": { N: String(most) },
          ...(lasting ? {} : { ":on": { N: String(expiresOn) } }),
        },
      });
      return !conditionFailed;
    },
    async free(owner, id) {
      await update(owner, {
        UpdateExpression: "DELETE #ids :ids",
        ExpressionAttributeNames: { "#ids": attribute },
        ExpressionAttributeValues: { ":ids": { SS: [id] } },
      });
    },
  };
}
