import { describe, expect, test } from "@jest/globals";
import { LOCALES } from "../../lib/core/locales.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { mailStatus, messageOf, type Notification, readNotification } from "./notification.ts";
import { notificationStore } from "./notification-store.ts";
import { notificationToView } from "./notification-view.ts";

describe("A notification that an earlier version stored", () => {
  const ID = "0192f5b0-0000-7000-8000-000000000001";
  const stored = {
    id: ID,
    user_id: "ann",
    type: "transaction",
    event: "order.paid",
    title: "Order paid",
    content: "Your order is paid. Thank you.",
    related_id: ID,
    read_at: null,
    created_at: "2026-11-01T11:59:59.000Z",
    arrived_at: "2026-11-01T12:00:00.000Z",
    deleted_at: null,
    fingerprint: "",
  };
  const email = {
    status: "pending",
    to: "ann@example.com",
    attempts: 3,
    next_at: "2026-11-01T12:00:09.000Z",
  };

  const { title, content, ...rest } = stored;
  /** What it holds today. */
  const now = { ...rest, body: { kind: "text", title, content } };

  /** A table with the item that an earlier version wrote of it, and a store over that table. */
  async function withStored(channels: object, schemaVersion = 1, more: object = {}) {
    const table = memoryTable();
    await table.put(
      {
        id: ID,
        version: 1,
        schemaVersion,
        doc: JSON.stringify({ ...stored, channels: { in_app: "delivered", ...channels }, ...more }),
        index: { user: "ann", due_shard: "0", due_at: `${email.next_at}#${ID}` },
      },
      0,
    );
    return { table, store: notificationStore(table) };
  }

  test("without a mail has nothing to deliver", async () => {
    const { store } = await withStored({});
    expect(await store.read(ID)).toEqual({ ...now, channels: { in_app: "delivered" }, outbox: [] });
  });

  test("has the mail that was still to be sent in its outbox, with its tries and its time", async () => {
    const { store } = await withStored({ email });
    const notification = await store.read(ID);
    expect(notification).toEqual({
      ...now,
      channels: { in_app: "delivered" },
      outbox: [
        {
          id: "email",
          payload: { channel: "email", to: "ann@example.com" },
          created_at: stored.arrived_at,
          attempts: 3,
          next_at: email.next_at,
        },
      ],
    });
    expect(notification && mailStatus(notification)).toBe("pending");
  });

  test("whose address was still to be looked up has that of who acts as a seller looked up", async () => {
    const { store } = await withStored({ email: { ...email, to: null } });
    expect((await store.read(ID))?.outbox).toMatchObject([
      { payload: { channel: "email", to: null, role: "seller" } },
    ]);
  });

  test.each(["sent", "unreachable"] as const)("whose mail was %s shows that", async (status) => {
    const { store } = await withStored({ email: { ...email, status } });
    expect(await store.read(ID)).toMatchObject({ channels: { email: status }, outbox: [] });
  });

  test("with a mail in its outbox keeps it, and its text is shown as it was", async () => {
    const mail = {
      id: "email",
      payload: { channel: "email", to: null, role: "buyer" },
      created_at: stored.arrived_at,
      attempts: 2,
      next_at: email.next_at,
    };
    const { store } = await withStored({}, 2, { outbox: [mail] });
    const notification = await store.read(ID);
    expect(notification).toEqual({ ...now, channels: { in_app: "delivered" }, outbox: [mail] });
    for (const locale of LOCALES) {
      const reader = { chosen: locale, fallback: locale };
      expect(notification && notificationToView(notification, undefined, reader)).toMatchObject({
        event: "order.paid",
        title,
        content,
        locale: null,
        channels: { in_app: "delivered", email: "pending" },
      });
    }
  });

  test.each([{}, { email: "sent" }, { email: "unreachable" }])(
    "in schema 2 has the channels %j",
    async (channels) => {
      const { store } = await withStored(channels, 2, { outbox: [] });
      expect(await store.read(ID)).toEqual({
        ...now,
        channels: { in_app: "delivered", ...channels },
        outbox: [],
      });
    },
  );

  test("is written as it is written now by its next change, and by a rewrite", async () => {
    for (const change of ["change", "rewrite"] as const) {
      const { table, store } = await withStored({ email });
      if (change === "rewrite") expect(await store.rewrite(ID)).toBe("outdated");
      else await store.change(ID, (notification) => readNotification(notification, 0));
      expect((await table.get(ID))?.schemaVersion).toBe(3);
      expect((await store.read(ID))?.outbox).toHaveLength(1);
    }
  });
});

describe("how long a notification is kept", () => {
  const given = { id: "n", user_id: "ann", title: "t", content: "c", related_id: null, fingerprint: "" };
  const message = { ...given, type: "system", shown: true } as const;
  const notification = messageOf(message, undefined, Date.parse("2026-11-01T12:00:00.000Z"));
  const arrived = Date.parse(notification.arrived_at) / 1_000;
  const expiresOn = async (given: Partial<Notification>, keepDays?: number) => {
    const table = memoryTable();
    await notificationStore(table, keepDays).create({ ...notification, outbox: [], ...given });
    return (await table.get(notification.id))?.expiresOn;
  };

  test("is for as many days as are set after it arrived, read or not, and for good without them", async () => {
    const days = 10 * 86_400;
    expect(await expiresOn({}, 10)).toBe(arrived + days);
    expect(await expiresOn({ read_at: notification.arrived_at }, 10)).toBe(arrived + days);
    expect(await expiresOn({}, 0)).toBeUndefined();
    expect(await expiresOn({})).toBeUndefined();
  });

  test("does not end while something of it waits to be sent, or is parked", async () => {
    const mail = {
      id: "email",
      payload: { channel: "email", to: "a@b.example" },
      created_at: "",
      attempts: 0,
      next_at: notification.arrived_at,
    } as const;
    expect(await expiresOn({ outbox: [mail] }, 10)).toBeUndefined();
  });

  test("is 90 days once it is deleted, or when it was never shown", async () => {
    const ninety = 90 * 86_400;
    expect(await expiresOn({ deleted_at: notification.arrived_at }, 10)).toBe(arrived + ninety);
    expect(await expiresOn({ channels: {} }, 10)).toBe(arrived + ninety);
  });
});
