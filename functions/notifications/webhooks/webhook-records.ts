// Webhooks as records in DynamoDB: one for each, and one for each owner that lists theirs, so that their number is exact.

import type { DynamoClient } from "../../../lib/storage/dynamo-client.ts";
import type { Endpoint } from "../../../lib/storage/endpoint.ts";
import { StorageUnavailable } from "../../../lib/storage/errors.ts";
import { EVENTS } from "../../events.ts";
import { places } from "../places.ts";
import { openDynamoose, type PlainRecord, readRecord } from "../records.ts";
import type { Webhook } from "./webhook.ts";

/** What a webhook's circuit is after an attempt. */
export type Circuit = Pick<Webhook, "failures" | "open_until">;

export interface WebhookRecords {
  /** Whether there has ever been a webhook. */
  inUse(): Promise<boolean>;
  setInUse(): Promise<void>;
  /** As it is now. */
  read(id: string): Promise<Webhook | undefined>;
  /** The ids of an owner's, as they are now. */
  idsOf(owner: string): Promise<readonly string[]>;
  /** Stores it, unless its owner has `most` already: then false. */
  add(webhook: Webhook, most: number): Promise<boolean>;
  /** Stores the settings (URL, events, whether it is on) and the circuit; false when it is deleted. */
  writeSettings(webhook: Webhook): Promise<boolean>;
  /** Stores the secrets in place of `instead`; false when another request has changed that, or it is deleted. */
  writeSecrets(webhook: Webhook, instead: string): Promise<boolean>;
  remove(webhook: Webhook): Promise<void>;
  /** Stores the circuit if nobody has changed it since `webhook` was read; false when somebody has. */
  writeCircuit(webhook: Webhook, circuit: Circuit): Promise<boolean>;
  /** Switches it off because its URL answered that it is gone, unless it has another URL by now. */
  disable(webhook: Webhook, at: string): Promise<void>;
}

const IN_USE_ID = "in-use";

/**
 * Webhooks as records of the table `tableName`, which must exist. What owners do is written by dynamoose, which is loaded then; what
 * relays do, and lists, by `client`.
 */
export function webhookRecords(client: DynamoClient, endpoint: Endpoint, tableName: string): WebhookRecords {
  let opened: ReturnType<typeof openModel> | undefined;
  const listed = places(client, tableName, "webhook_ids");
  const itemOf = (id: string) => readRecord(client, tableName, "id", id);

  async function update(id: string, more: object): Promise<boolean> {
    const key = { TableName: tableName, Key: { id: { S: id } } };
    const { conditionFailed } = await client.send("UpdateItem", { ...key, ...more });
    return !conditionFailed;
  }

  /** Writes attributes, if the record is there and, with `secret`, if that is its secret. Undefined ones are removed. */
  async function write(id: string, attributes: Record<string, unknown>, mustExist: boolean, secret?: string) {
    opened ??= openModel(endpoint, tableName);
    const { webhooks, Condition } = await opened;
    const given = Object.entries(attributes);
    const $SET = Object.fromEntries(given.filter(([, value]) => value !== undefined));
    const $REMOVE = given.flatMap(([name, value]) => (value === undefined ? [name] : []));
    const condition =
      secret === undefined ? new Condition("url").exists() : new Condition("secret").eq(secret);
    try {
      await webhooks.update({ id }, { $SET, $REMOVE }, mustExist ? { condition } : {});
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
      throw new StorageUnavailable("UpdateItem", error);
    }
  }

  return {
    inUse: async () => (await itemOf(IN_USE_ID))["id"] === IN_USE_ID,
    async setInUse() {
      await update(IN_USE_ID, {});
    },
    read: async (id) => toWebhook(await itemOf(id)),
    idsOf: (owner) => listed.of(owner),
    async add(webhook, most) {
      const { id, owner, secret, created_at } = webhook;
      await write(id, { owner, secret, created_at, ...settingsIn(webhook) }, false);
      // What is not listed is nobody's: a crash before this leaves nothing that anybody sees.
      if (await listed.take(owner, id, most)) return true;
      await client.send("DeleteItem", { TableName: tableName, Key: { id: { S: id } } });
      return false;
    },
    writeSettings: (webhook) => write(webhook.id, settingsIn(webhook), true),
    writeSecrets: ({ id, secret, previous }, instead) =>
      write(
        id,
        { secret, previous_secret: previous?.secret, previous_until: previous?.until },
        true,
        instead,
      ),
    async remove({ id, owner }) {
      await listed.free(owner, id);
      await client.send("DeleteItem", { TableName: tableName, Key: { id: { S: id } } });
    },
    writeCircuit: ({ id, failures: seen, open_until: until }, { failures, open_until }) =>
      update(id, {
        UpdateExpression:
          open_until === undefined
            ? "SET failures = :failures REMOVE open_until"
            : "SET failures = :failures, open_until = :open",
        ConditionExpression: `failures = :seen AND ${until === undefined ? "attribute_not_exists(open_until)" : "open_until = :until"}`,
        ExpressionAttributeValues: {
          ":failures": { N: String(failures) },
          ":seen": { N: String(seen) },
          ...(open_until === undefined ? {} : { ":open": { S: open_until } }),
          ...(until === undefined ? {} : { ":until": { S: until } }),
        },
      }),
    async disable({ id, url }, at) {
      await update(id, {
        UpdateExpression: "SET disabled_reason = :gone, disabled_at = :at",
        ConditionExpression: "#u = :url",
        ExpressionAttributeNames: { "#u": "url" },
        ExpressionAttributeValues: { ":gone": { S: "gone" }, ":at": { S: at }, ":url": { S: url } },
      });
    },
  };
}

const settingsIn = ({ url, events, disabled, failures, open_until }: Webhook) => ({
  url,
  events: events.join(","),
  disabled_reason: disabled?.reason,
  disabled_at: disabled?.at,
  failures,
  open_until,
});

function toWebhook(item: PlainRecord): Webhook | undefined {
  const text = (name: string): string => String(item[name] ?? "");
  if (text("url") === "") return undefined;
  const named = text("events").split(",");
  return {
    id: text("id"),
    owner: text("owner"),
    url: text("url"),
    events: EVENTS.filter((event) => named.includes(event)),
    secret: text("secret"),
    created_at: text("created_at"),
    failures: Number(item["failures"] ?? 0),
    ...(item["open_until"] === undefined ? {} : { open_until: text("open_until") }),
    ...(item["previous_secret"] === undefined
      ? {}
      : { previous: { secret: text("previous_secret"), until: text("previous_until") } }),
    ...(item["disabled_reason"] === undefined
      ? {}
      : {
          disabled: {
            reason: text("disabled_reason") === "gone" ? "gone" : "by_owner",
            at: text("disabled_at"),
          },
        }),
  };
}

async function openModel(endpoint: Endpoint, tableName: string) {
  const dynamoose = await openDynamoose(endpoint);
  const required = { type: String, required: true };
  const webhooks = dynamoose.model("Webhook", {
    id: { type: String, hashKey: true, required: true },
    owner: required,
    url: required,
    events: required,
    secret: required,
    previous_secret: String,
    previous_until: String,
    disabled_reason: String,
    disabled_at: String,
    failures: { type: Number, required: true },
    open_until: String,
    created_at: required,
  });
  // The table is made from functions/notifications/tables.ts.
  new dynamoose.Table(tableName, [webhooks], { create: false, update: false, waitForActive: false });
  return { webhooks, Condition: dynamoose.Condition };
}
