// Webhooks as records in DynamoDB: one for each, and one for each owner that lists theirs, so that their number is exact.

import { randomUUID } from "node:crypto";
import { iso } from "../../../lib/core/iso.ts";
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
  /** Whether that has been noted for so long that every process knows of it. */
  knownToAll(): Promise<boolean>;
  setKnownToAll(): Promise<void>;
  /** As it is now. */
  read(id: string): Promise<Webhook | undefined>;
  /** The ids of an owner's, as they are now. */
  idsOf(owner: string): Promise<readonly string[]>;
  /** Stores it, unless its owner has `most` already: then false. */
  add(webhook: Webhook, most: number): Promise<boolean>;
  /** Stores it unless its id is taken: then what is there. Requests with one key may do so at the same time. */
  addOnce(webhook: KeyedWebhook, most: number): Promise<Added>;
  /** Stores the settings (URL, events, whether it is on) and the circuit; false when it is deleted. */
  writeSettings(webhook: Webhook): Promise<boolean>;
  /** Stores the secrets in place of `instead`; false when another request has changed that, or it is deleted. */
  writeSecrets(webhook: Webhook, instead: string): Promise<boolean>;
  /** Deletes it, at `now`; its id, owner and fingerprint are kept for 90 days. */
  remove(webhook: Webhook, now: number): Promise<void>;
  /** Stores the circuit if nobody has changed it since `webhook` was read; false when somebody has. */
  writeCircuit(webhook: Webhook, circuit: Circuit): Promise<boolean>;
  /** Switches it off because its URL answered that it is gone, unless it has another URL by now. */
  disable(webhook: Webhook, at: string): Promise<void>;
}

/** A webhook whose id follows from an `Idempotency-Key`. */
export type KeyedWebhook = Webhook & { readonly fingerprint: string };

/** `full`: its owner has as many as they may. `deleted`: what had this id was deleted. */
export type Added =
  | "full"
  | { readonly webhook: Webhook; readonly replayed: boolean }
  | { readonly deleted: true; readonly fingerprint: string };

type Opened = Awaited<ReturnType<typeof openModel>>;

const IN_USE_ID = "in-use";
/**
 * Seconds for which a deleted webhook's id and owner are kept: as long as what is still stored of it. Erasing its owner finds that by
 * them, and who repeats the request that created it does not create it again.
 */
const DELETED_S = 90 * 86_400;

/**
 * Webhooks as records of the table `tableName`, which must exist. What owners do is written by dynamoose, which is loaded then; what
 * relays do, and lists, by `client`.
 */
export function webhookRecords(client: DynamoClient, endpoint: Endpoint, tableName: string): WebhookRecords {
  let opened: Promise<Opened> | undefined;
  const listed = places(client, tableName, "webhook_ids");
  const itemOf = (id: string) => readRecord(client, tableName, "id", id);

  async function update(id: string, more: object): Promise<boolean> {
    const key = { TableName: tableName, Key: { id: { S: id } } };
    const { conditionFailed } = await client.send("UpdateItem", { ...key, ...more });
    return !conditionFailed;
  }

  /** Writes attributes; false where the record does not meet the condition. Undefined ones are removed. */
  async function write(
    id: string,
    attributes: Record<string, unknown>,
    conditionOf?: (Condition: Opened["Condition"]) => InstanceType<Opened["Condition"]>,
  ): Promise<boolean> {
    opened ??= openModel(endpoint, tableName);
    const { webhooks, Condition } = await opened;
    const given = Object.entries(attributes);
    const $SET = Object.fromEntries(given.filter(([, value]) => value !== undefined));
    const $REMOVE = given.flatMap(([name, value]) => (value === undefined ? [name] : []));
    const condition = conditionOf?.(Condition);
    try {
      await webhooks.update({ id }, { $SET, $REMOVE }, condition === undefined ? {} : { condition });
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
      throw new StorageUnavailable("UpdateItem", error);
    }
  }

  const removeRecord = (id: string, request?: string) =>
    client.send("DeleteItem", {
      TableName: tableName,
      Key: { id: { S: id } },
      ...(request === undefined
        ? {}
        : {
            ConditionExpression: "#r = :request",
            ExpressionAttributeNames: { "#r": "request" },
            ExpressionAttributeValues: { ":request": { S: request } },
          }),
    });

  /** A place; where all are taken, those without a record are freed first: what stored them was killed, or was too late. */
  async function takePlace({ owner, id }: Webhook, most: number): Promise<boolean> {
    if (await listed.take(owner, id, most)) return true;
    for (const one of await listed.of(owner))
      if (toWebhook(await itemOf(one)) === undefined) await listed.free(owner, one);
    return listed.take(owner, id, most);
  }

  /** Stores the record, if there is none, as that of `request`. */
  const create = (webhook: KeyedWebhook, request: string) => {
    const { id, owner, secret, created_at, fingerprint } = webhook;
    const attributes = { owner, secret, created_at, fingerprint, request, ...settingsIn(webhook) };
    return write(id, attributes, (Condition) => new Condition("id").not().exists());
  };

  /** Makes the record that of `request`, so that no other one withdraws it. */
  const claim = (id: string, request: string) =>
    update(id, {
      UpdateExpression: "SET #r = :request",
      ConditionExpression: "attribute_exists(secret)",
      ExpressionAttributeNames: { "#r": "request" },
      ExpressionAttributeValues: { ":request": { S: request } },
    });

  return {
    inUse: async () => (await itemOf(IN_USE_ID))["id"] === IN_USE_ID,
    async setInUse() {
      await update(IN_USE_ID, {});
    },
    knownToAll: async () => (await itemOf(IN_USE_ID))["known_to_all"] === true,
    async setKnownToAll() {
      await update(IN_USE_ID, {
        UpdateExpression: "SET known_to_all = :yes",
        ExpressionAttributeValues: { ":yes": { BOOL: true } },
      });
    },
    read: async (id) => toWebhook(await itemOf(id)),
    idsOf: (owner) => listed.of(owner),
    async add(webhook, most) {
      const { id, owner, secret, created_at } = webhook;
      await write(id, { owner, secret, created_at, ...settingsIn(webhook) });
      // What is not listed is nobody's: a crash before this leaves nothing that anybody sees.
      if (await takePlace(webhook, most)) return true;
      await removeRecord(id);
      return false;
    },
    async addOnce(webhook, most) {
      const request = randomUUID();
      for (;;) {
        const created = await create(webhook, request);
        const item = await itemOf(webhook.id);
        if (item["deleted_at"] !== undefined)
          return { deleted: true, fingerprint: String(item["fingerprint"] ?? "") };
        // Of another body: nothing is done for this one.
        if (!created && item["fingerprint"] !== webhook.fingerprint) {
          const other = toWebhook(item);
          if (other !== undefined) return { webhook: other, replayed: true };
        }
        const stored = toWebhook(item);
        // Withdrawn meanwhile by a request that found no place: begun anew.
        if (stored === undefined || !(created || (await claim(webhook.id, request)))) continue;
        if (await takePlace(stored, most)) return { webhook: stored, replayed: !created };
        await removeRecord(webhook.id, request);
        return "full";
      }
    },
    writeSettings: (webhook) =>
      write(webhook.id, settingsIn(webhook), (Condition) => new Condition("url").exists()),
    writeSecrets: ({ id, secret, previous, rotations }, instead) =>
      write(
        id,
        {
          secret,
          previous_secret: previous?.secret,
          previous_until: previous?.until,
          rotations: rotations?.join(","),
        },
        (Condition) => new Condition("secret").eq(instead),
      ),
    async remove({ id, owner }, now) {
      await listed.free(owner, id);
      await update(id, {
        UpdateExpression: `SET deleted_at = :at, expires_on = :on REMOVE ${FORGOTTEN.map((_, n) => `#f${n}`).join(", ")}`,
        ConditionExpression: "attribute_exists(secret)",
        ExpressionAttributeNames: Object.fromEntries(FORGOTTEN.map((name, n) => [`#f${n}`, name])),
        ExpressionAttributeValues: {
          ":at": { S: iso(now) },
          ":on": { N: String(Math.floor(now / 1_000) + DELETED_S) },
        },
      });
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

/** Attributes that go when a webhook is deleted. */
const FORGOTTEN = [
  "url",
  "events",
  "secret",
  "previous_secret",
  "previous_until",
  "rotations",
  "disabled_reason",
  "disabled_at",
  "failures",
  "open_until",
  "request",
];

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
    ...(item["fingerprint"] === undefined ? {} : { fingerprint: text("fingerprint") }),
    ...(item["rotations"] === undefined ? {} : { rotations: text("rotations").split(",") }),
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
    fingerprint: String,
    rotations: String,
    request: String,
    created_at: required,
  });
  // The table is made from functions/notifications/tables.ts.
  new dynamoose.Table(tableName, [webhooks], { create: false, update: false, waitForActive: false });
  return { webhooks, Condition: dynamoose.Condition };
}
