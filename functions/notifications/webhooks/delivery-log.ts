// The log of deliveries: the last attempts of each webhook, in a ring of records, so that it is bounded whatever happens.

import type { DynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { EVENTS } from "../../events.ts";
import { type PlainRecord, recordsWith } from "../records.ts";
import { LOG_BY_WEBHOOK } from "../tables.ts";
import { type Message, TEST_TYPE } from "./message.ts";

/** One attempt to deliver a message. */
export interface Attempt {
  readonly message: Message;
  /** When it began, RFC 3339. */
  readonly at: string;
  readonly duration_ms: number;
  /** The HTTP status; null when there was no reply, and `reason` says why. */
  readonly status: number | null;
  readonly reason: string | null;
  /** The beginning of the reply's body. */
  readonly reply: string;
}

export interface DeliveryLog {
  add(webhookId: string, attempt: Attempt): Promise<void>;
  /** The attempts that are kept, the latest first. */
  of(webhookId: string): Promise<readonly Attempt[]>;
}

/** Attempts that are kept of each webhook. */
export const LOG_SIZE = 100;
/** Seconds for which they are kept. */
const KEPT_S = 30 * 86_400;
/** The same of a webhook's number of attempts after the last one: longer than any attempt that has one. */
const NUMBER_KEPT_S = 3 * KEPT_S;

/** The log in the table `tableName` of the webhooks, which must exist. */
export function deliveryLog(client: DynamoClient, tableName: string): DeliveryLog {
  const update = (id: string, more: object) =>
    client.send("UpdateItem", { TableName: tableName, Key: { id: { S: id } }, ...more });

  /** The number of an attempt: one more than that of the one before, whichever process made it. */
  async function nextNumber(webhookId: string, atS: number): Promise<number> {
    const { body } = await update(`attempts:${webhookId}`, {
      UpdateExpression: "ADD attempts :one SET expires_on = :on",
      ExpressionAttributeValues: { ":one": { N: "1" }, ":on": { N: String(atS + NUMBER_KEPT_S) } },
      ReturnValues: "UPDATED_NEW",
    });
    const number = Number(/"attempts":\{"N":"(\d+)"\}/.exec(JSON.stringify(body["Attributes"]))?.[1]);
    return Number.isSafeInteger(number) ? number : 0;
  }

  return {
    async add(webhookId, { message, at, duration_ms, status, reason, reply }) {
      const atS = Math.floor(Date.parse(at) / 1_000);
      const number = await nextNumber(webhookId, atS);
      const values = {
        number: { N: String(number) },
        webhook_id: { S: webhookId },
        at: { S: at },
        duration_ms: { N: String(duration_ms) },
        status: { N: String(status ?? 0) },
        reason: { S: reason ?? "" },
        reply: { S: reply },
        message: { S: JSON.stringify(message) },
        expires_on: { N: String(atS + KEPT_S) },
      };
      const names = Object.keys(values);
      await update(`log:${webhookId}:${number % LOG_SIZE}`, {
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(
          Object.entries(values).map(([name, value]) => [`:${name}`, value]),
        ),
      });
    },
    async of(webhookId) {
      const found = await recordsWith(client, tableName, LOG_BY_WEBHOOK, webhookId, LOG_SIZE);
      return found.toSorted(laterFirst).map(toAttempt);
    },
  };
}

/** By their numbers, since clocks of instances differ; what an earlier version wrote has none, and is older. */
function laterFirst(one: PlainRecord, other: PlainRecord): number {
  const numbers = Number(other["number"] ?? 0) - Number(one["number"] ?? 0);
  if (numbers !== 0) return numbers;
  return String(one["at"]) < String(other["at"]) ? 1 : -1;
}

function toAttempt(item: PlainRecord): Attempt {
  const text = (name: string): string => String(item[name] ?? "");
  const status = Number(item["status"] ?? 0);
  return {
    message: toMessage(JSON.parse(text("message"))),
    at: text("at"),
    duration_ms: Number(item["duration_ms"] ?? 0),
    status: status === 0 ? null : status,
    reason: text("reason") === "" ? null : text("reason"),
    reply: text("reply"),
  };
}

/** As this system wrote it. */
function toMessage(stored: Message): Message {
  const { id, order_id, type, timestamp, data } = stored;
  return {
    id,
    order_id,
    type: EVENTS.find((known) => known === type) ?? TEST_TYPE,
    timestamp,
    data,
  };
}
