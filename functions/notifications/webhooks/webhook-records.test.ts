// The records in the embedded database, with dynamoose as it really talks.

import { describe, expect, test } from "@jest/globals";
import { iso } from "../../../lib/core/iso.ts";
import { StorageUnavailable } from "../../../lib/storage/errors.ts";
import { places } from "../places.ts";
import { readRecord } from "../records.ts";
import { recordsDatabase } from "../test-records.ts";
import { deliveryLog, LOG_SIZE } from "./delivery-log.ts";
import type { Webhook } from "./webhook.ts";
import { webhookRecords } from "./webhook-records.ts";

const webhookNo = (no: number, owner: string): Webhook => ({
  id: `webhook-${no}`,
  owner,
  url: `https://hooks.example/${no}`,
  events: ["order.created", "order.paid"],
  secret: `whsec_${no}`,
  created_at: "2026-11-01T12:00:00.000Z",
  failures: 0,
});

const NOW = Date.parse("2026-11-01T13:00:00.000Z");

describe("Webhooks in DynamoDB", () => {
  const database = recordsDatabase();
  const records = () => webhookRecords(database().client, database().endpoint, "test-webhooks");

  test("are in use once that is noted, and known to be once that is noted; the note is nobody's webhook", async () => {
    const { inUse, setInUse, knownToAll, setKnownToAll, read } = records();
    const use = async () => [await inUse(), await knownToAll()];
    expect(await use()).toEqual([false, false]);
    await setInUse();
    expect(await use()).toEqual([true, false]);
    await setKnownToAll();
    expect(await use()).toEqual([true, true]);
    await setInUse();
    expect(await use()).toEqual([true, true]);
    expect(await read("in-use")).toBeUndefined();
  });

  test("are stored, listed for their owner, read and removed", async () => {
    const { add, idsOf, read, remove } = records();
    const [one, other] = [webhookNo(1, "sam"), webhookNo(2, "sam")];
    const disabled = { reason: "by_owner", at: "2026-11-01T12:00:00.000Z" } as const;
    expect([await add(one, 10), await add({ ...other, disabled }, 10)]).toEqual([true, true]);
    expect([...(await idsOf("sam"))].sort()).toEqual([one.id, other.id]);
    expect(await read(one.id)).toEqual(one);
    expect(await read(other.id)).toEqual({ ...other, disabled });
    await remove(one, NOW);
    expect([await read(one.id), await idsOf("sam")]).toEqual([undefined, [other.id]]);
    await remove(other, NOW);
    expect(await idsOf("sam")).toEqual([]);
  });

  test("are not more than an owner may have, however many requests come at once", async () => {
    const added = await Promise.all(
      Array.from({ length: 25 }, (_, no) => records().add(webhookNo(100 + no, "kim"), 10)),
    );
    expect(added.filter((done) => done)).toHaveLength(10);
    const ids = await records().idsOf("kim");
    expect(ids).toHaveLength(10);
    const kept = await Promise.all(added.map((_, no) => records().read(`webhook-${100 + no}`)));
    expect(
      kept
        .filter((one) => one !== undefined)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort());
  });

  test("of one key are one, however many requests come at once, also where there is only one place left", async () => {
    const keyed = { ...webhookNo(200, "lou"), fingerprint: "f" };
    for (let no = 0; no < 9; no += 1) await records().add(webhookNo(201 + no, "lou"), 10);
    const made = Array.from({ length: 10 }, (_, no) =>
      records().addOnce({ ...keyed, secret: `whsec_${no}` }, 10),
    );
    const outcomes = await Promise.all(made);
    const stored = await records().read(keyed.id);
    expect(outcomes.map((one) => typeof one === "object" && "webhook" in one && one.webhook)).toEqual(
      outcomes.map(() => stored),
    );
    expect(
      outcomes.filter((one) => typeof one === "object" && "replayed" in one && !one.replayed),
    ).toHaveLength(1);
    expect(await records().idsOf("lou")).toHaveLength(10);
    expect(await records().addOnce({ ...webhookNo(210, "lou"), fingerprint: "f" }, 10)).toBe("full");
    expect(await records().read("webhook-210")).toBeUndefined();
  });

  test("of a key whose request was killed before it had a place gets one with the next request", async () => {
    const keyed = { ...webhookNo(220, "max"), fingerprint: "f" };
    const { addOnce, idsOf, read } = records();
    await addOnce(keyed, 10);
    await places(database().client, "test-webhooks", "webhook_ids").free("max", keyed.id);
    expect(await addOnce({ ...keyed, secret: "another" }, 10)).toEqual({ webhook: keyed, replayed: true });
    expect(await idsOf("max")).toEqual([keyed.id]);
    expect(await read(keyed.id)).toEqual(keyed);
  });

  test("that are deleted are not made again by the same key", async () => {
    const keyed = { ...webhookNo(230, "ned"), fingerprint: "f" };
    const { addOnce, idsOf, read, remove, writeSettings } = records();
    await addOnce(keyed, 10);
    await remove(keyed, NOW);
    expect(await addOnce(keyed, 10)).toEqual({ deleted: true, fingerprint: "f" });
    expect([await read(keyed.id), await idsOf("ned"), await writeSettings(keyed)]).toEqual([
      undefined,
      [],
      false,
    ]);
  });

  test("that are deleted are known by their owner alone, so that erasing the owner finds what is still stored of them", async () => {
    const { add, read, remove } = records();
    const webhook = webhookNo(235, "nia");
    await add(webhook, 10);
    await remove(webhook, NOW);
    expect(await read(webhook.id)).toBeUndefined();
    const kept = await readRecord(database().client, "test-webhooks", "id", webhook.id);
    expect(kept).toMatchObject({ owner: "nia", deleted_at: iso(NOW) });
    expect(Object.keys(kept)).not.toContain("url");
    expect(Object.keys(kept)).not.toContain("secret");
  });

  test("have the places of those that are not stored: a request was killed, or came too late", async () => {
    const { add, idsOf } = records();
    for (let no = 0; no < 2; no += 1)
      await places(database().client, "test-webhooks", "webhook_ids").take("ola", `lost-${no}`, 2);
    expect(await add(webhookNo(240, "ola"), 2)).toBe(true);
    expect(await idsOf("ola")).toEqual(["webhook-240"]);
  });

  test("get settings, but not those that are deleted", async () => {
    const { add, read, writeSettings } = records();
    const webhook = { ...webhookNo(3, "ann"), failures: 7, open_until: "2026-11-01T13:00:00.000Z" };
    await add(webhook, 10);
    const { open_until: _, ...rest } = webhook;
    const changed = {
      ...rest,
      url: "https://hooks.example/new",
      events: ["order.paid" as const],
      failures: 0,
    };
    expect(await writeSettings(changed)).toBe(true);
    expect(await read(webhook.id)).toEqual(changed);
    expect(await writeSettings(webhookNo(4, "ann"))).toBe(false);
    expect(await read("webhook-4")).toBeUndefined();
  });

  test("get another secret once for each that there was", async () => {
    const { add, read, writeSecrets } = records();
    const webhook = webhookNo(5, "ann");
    await add(webhook, 10);
    const previous = { secret: webhook.secret, until: "2026-11-02T12:00:00.000Z" };
    const written = await Promise.all(
      ["a", "b", "c"].map((secret) => writeSecrets({ ...webhook, secret, previous }, webhook.secret)),
    );
    expect(written.filter((done) => done)).toHaveLength(1);
    const secret = ["a", "b", "c"][written.indexOf(true)];
    expect(await read(webhook.id)).toEqual({ ...webhook, secret, previous });
  });

  test("count a failure once of those that were seen at once, and begin anew", async () => {
    const { add, read, writeCircuit } = records();
    const webhook = webhookNo(6, "ann");
    await add(webhook, 10);
    const open_until = "2026-11-01T12:00:10.000Z";
    const counted = await Promise.all(
      [1, 2, 3].map(() => writeCircuit(webhook, { failures: 1, open_until })),
    );
    expect(counted.filter((done) => done)).toHaveLength(1);
    const failing = { ...webhook, failures: 1, open_until };
    expect(await read(webhook.id)).toEqual(failing);
    expect(await writeCircuit(webhook, { failures: 2 })).toBe(false);
    expect(await writeCircuit(failing, { failures: 0 })).toBe(true);
    expect(await read(webhook.id)).toEqual(webhook);
    expect(await writeCircuit(webhookNo(7, "ann"), { failures: 1 })).toBe(false);
    expect(await read("webhook-7")).toBeUndefined();
  });

  test("are gone at the URL that said so", async () => {
    const { add, disable, read } = records();
    const webhook = webhookNo(8, "ann");
    await add(webhook, 10);
    const at = "2026-11-01T12:00:00.000Z";
    await disable({ ...webhook, url: "https://hooks.example/former" }, at);
    expect(await read(webhook.id)).toEqual(webhook);
    await disable(webhook, at);
    expect(await read(webhook.id)).toEqual({ ...webhook, disabled: { reason: "gone", at } });
  });

  test("can't be written while the database is away", async () => {
    const nowhere = { ...database().endpoint, url: "http://127.0.0.1:9" };
    const { add } = webhookRecords(database().client, nowhere, "test-webhooks");
    await expect(add(webhookNo(9, "ann"), 10)).rejects.toThrow(StorageUnavailable);
  });
});

describe("The log of deliveries in DynamoDB", () => {
  const database = recordsDatabase();
  const log = () => deliveryLog(database().client, "test-webhooks");
  const attemptNo = (no: number) => ({
    message: {
      id: `msg_${no}`,
      order_id: "one",
      type: "order.paid" as const,
      timestamp: "2026-11-01T12:00:00.000Z",
      data: { order_id: "one", total_amount: "299.99" },
    },
    at: new Date(1_790_000_000_000 + no).toISOString(),
    duration_ms: no,
    status: no % 2 === 0 ? 200 : null,
    reason: no % 2 === 0 ? null : "timeout",
    reply: "好",
  });

  /** As an earlier version wrote it: without a number. */
  const stored = ({ message, at }: ReturnType<typeof attemptNo>) => ({
    at,
    message: JSON.stringify(message),
  });

  test("keeps what it was given", async () => {
    await log().add("w1", attemptNo(0));
    await log().add("w1", attemptNo(1));
    expect(await log().of("w1")).toEqual([attemptNo(1), attemptNo(0)]);
    expect(await log().of("w2")).toEqual([]);
  });

  test("is numbered for longer than it is kept, and not for good", async () => {
    await log().add("w5", attemptNo(7));
    const { body } = await database().client.send("GetItem", {
      TableName: "test-webhooks",
      Key: { id: { S: "attempts:w5" } },
    });
    const expiry = String(1_790_000_000 + 90 * 86_400);
    expect(body["Item"]).toEqual({
      id: { S: "attempts:w5" },
      attempts: { N: "1" },
      expires_on: { N: expiry },
    });
  });

  test("has the latest first, whatever the clocks of those say that wrote it", async () => {
    for (const no of [40, 10, 30, 20]) await log().add("w4", attemptNo(no));
    const earlier = { id: "log:w4:99", webhook_id: "w4", ...stored(attemptNo(50)) };
    await database().client.send("PutItem", {
      TableName: "test-webhooks",
      Item: Object.fromEntries(Object.entries(earlier).map(([name, text]) => [name, { S: text }])),
    });
    expect((await log().of("w4")).map(({ message }) => message.id)).toEqual(
      [20, 30, 10, 40, 50].map((no) => `msg_${no}`),
    );
  });

  test("keeps the last hundred, also of those that are written at once", async () => {
    for (let no = 0; no < LOG_SIZE + 20; no += 20)
      await Promise.all(Array.from({ length: 20 }, (_, one) => log().add("w3", attemptNo(no + one))));
    const kept = await log().of("w3");
    expect(kept.map(({ duration_ms }) => duration_ms)).toEqual(
      Array.from({ length: LOG_SIZE }, (_, index) => LOG_SIZE + 19 - index),
    );
  });
});
