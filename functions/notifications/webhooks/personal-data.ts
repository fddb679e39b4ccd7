// Which data of people webhooks hold: all of it goes with their owner, and with it what refers to them.

import { deleted, type Fields, nobodys } from "../../../lib/privacy/fields.ts";
import {
  deletedAggregates,
  deletedRecords,
  type PersonalAccess,
  type PersonalRecords,
} from "../../../lib/privacy/records.ts";
import { arePlaces, placesId } from "../places.ts";
import { type Deliveries, deliveriesStore } from "./deliveries.ts";

const gone = deleted(["user"]);

/** All of the fields `names`, gone with their record. */
const allGone = <Name extends string>(...names: readonly Name[]): Fields<Record<Name, string>> =>
  Object.fromEntries(names.map((name) => [name, gone])) as Fields<Record<Name, string>>;

const deliveries: Fields<Deliveries> = {
  id: gone,
  webhook_id: gone,
  order_id: gone,
  outbox: gone,
  done: gone,
  changed_at: gone,
};

const isPart = (key: string): boolean => arePlaces(key) || /^(log|attempts):/.test(key) || key === "in-use";

/** In the order in which they refer to each other. */
export function webhookData(access: PersonalAccess): readonly PersonalRecords[] {
  const store = deliveriesStore(access.table("deliveries"));
  const untilErased = "until 90 days after the person deletes the webhook, or until they are erased";
  return [
    deletedRecords(access, {
      table: "webhooks",
      name: "webhooks",
      purpose: "where a seller's own system is told of events",
      keeps: untilErased,
      fields: allGone(
        "id",
        "owner",
        "url",
        "events",
        "secret",
        "previous_secret",
        "previous_until",
        "disabled_reason",
        "disabled_at",
        "failures",
        "open_until",
        "created_at",
        "fingerprint",
        "rotations",
        "request",
        "deleted_at",
        "expires_on",
      ),
      userAttribute: "owner",
      has: (key) => !isPart(key),
    }),
    deletedRecords(access, {
      table: "webhooks",
      name: "lists of webhooks",
      purpose: "so that the number of a seller's webhooks is bounded",
      keeps: "until the person is erased",
      fields: allGone("id", "webhook_ids"),
      isOf: ({ id }, person) => id === placesId(person.id),
      has: arePlaces,
    }),
    deletedRecords(access, {
      table: "webhooks",
      name: "attempts to reach a webhook",
      purpose: "so that its owner sees why it was not reached",
      keeps: "for 30 days, the last 100",
      fields: allGone(
        "id",
        "webhook_id",
        "number",
        "at",
        "duration_ms",
        "status",
        "reason",
        "reply",
        "message",
        "expires_on",
      ),
      byReference: true,
      isOf: ({ webhook_id }, { known }) => known.has(String(webhook_id)),
      has: (key) => key.startsWith("log:"),
    }),
    deletedRecords(access, {
      table: "webhooks",
      name: "numbers of attempts to reach a webhook",
      purpose: "so that the last attempts are known",
      keeps: "for 90 days after the last one",
      fields: allGone("id", "attempts", "expires_on"),
      byReference: true,
      isOf: ({ id }, { known }) => known.has(String(id).slice("attempts:".length)),
      has: (key) => key.startsWith("attempts:"),
    }),
    deletedAggregates<Deliveries>(access, {
      table: "deliveries",
      name: "deliveries to webhooks",
      purpose: "what a webhook has still to be told, in order, each once",
      keeps: "for 90 days after the last change",
      fields: deliveries,
      attributes: ["webhook", "waiting"],
      byReference: true,
      isOf: ({ webhook_id }, { known }) => known.has(webhook_id),
      read: (key) => store.read(key),
      has: () => true,
    }),
    {
      table: "webhooks",
      name: "mark: webhooks are in use",
      purpose: "spares reads while nobody has one",
      keeps: "for good",
      fields: { id: nobodys, known_to_all: nobodys },
      attributes: [],
      byReference: false,
      has: (key) => key === "in-use",
      read: (key) => access.record("webhooks", key),
      find: async () => undefined,
      erase: async () => true,
    },
  ];
}
