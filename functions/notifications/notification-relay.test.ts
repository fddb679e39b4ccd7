import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { setLogSink } from "../../lib/observability/log.ts";
import { resend } from "../../lib/outbox/outbox.ts";
import { until } from "../../tests/support/poll.ts";
import { type Mail, MailFailure } from "./channels/email.ts";
import { createContacts } from "./contacts.ts";
import {
  type MailStatus,
  mailStatus,
  messageOf,
  type NotificationType,
  notificationOf,
  type PendingMail,
} from "./notification.ts";
import { createNotificationRelay } from "./notification-relay.ts";
import { testWorld } from "./test-world.ts";
import { unsubscribeLinks } from "./unsubscribe-links.ts";

const id = "0192f5b0-0000-7000-8000-000000000001";
const lines: string[] = [];

beforeEach(() => {
  lines.length = 0;
  setLogSink((_service, line) => lines.push(line));
});

afterEach(() => {
  globalThis.cfmpOrderLogSink = undefined;
  jest.restoreAllMocks();
});

const TO_ANN: PendingMail = { channel: "email", to: "ann@example.com" };
const TO_BUYER: PendingMail = { channel: "email", to: null, role: "buyer" };
const TO_SELLER: PendingMail = { channel: "email", to: null, role: "seller" };

/** A notification whose mail is due, its relay, and a mail server that answers by `answer`. */
async function pending(
  recipient: PendingMail,
  answer: (mail: Mail, tries: number) => Promise<void>,
  type: NotificationType = "system",
) {
  const sent: Mail[] = [];
  const mailer = {
    async send(mail: Mail) {
      sent.push(mail);
      await answer(mail, sent.length);
    },
  };
  const world = testWorld({ mailer });
  const { store, readers, relay } = world.service;
  const now = world.clock.time;
  const texts = { type, title: "Hello", content: "A secret" };
  const message = { id, user_id: "ann", related_id: null, fingerprint: "", shown: true, ...texts };
  await store.create(messageOf(message, recipient, now));
  const status = async (): Promise<MailStatus | undefined> => {
    const notification = await store.read(id);
    return notification && mailStatus(notification);
  };
  return { ...world, readers, relay, sent, status, store, now: () => world.clock.time };
}

const taken = async () => {};

describe("The relay of notifications", () => {
  test("sends a mail once and records it, so that the sweep finds nothing more", async () => {
    const { relay, sent, status, clock } = await pending(TO_ANN, taken);
    await relay.relay(id);
    expect(sent).toEqual([
      {
        to: "ann@example.com",
        subject: "Hello",
        text: expect.stringContaining("A secret"),
        html: expect.stringContaining("A secret"),
        language: "en",
        messageId: `<${id}@cfmp-order.example>`,
      },
    ]);
    expect(await status()).toBe("sent");
    clock.time += 3_600_000;
    expect(await relay.sweep()).toBe(0);
    expect(sent).toHaveLength(1);
  });

  test("finds by its sweep what no hint led it to", async () => {
    const { relay, sent, clock } = await pending(TO_ANN, taken);
    expect(await relay.sweep()).toBe(0);
    clock.time += 1_001;
    expect(await relay.sweep()).toBe(1);
    expect(sent).toHaveLength(1);
  });

  test("tries again after a failure, later and later, with the same Message-ID", async () => {
    const { relay, sent, status, clock } = await pending(TO_ANN, async (_mail, tries) => {
      if (tries < 4) throw new MailFailure("ECONNECTION CONN", false);
    });
    await relay.relay(id);
    await relay.relay(id);
    expect(sent).toHaveLength(1);
    const waits: number[] = [];
    while ((await status()) === "pending") {
      const before = sent.length;
      clock.time += 1_000;
      await relay.sweep();
      waits.push(sent.length - before);
    }
    expect(waits).toEqual([1, 0, 1, 0, 0, 0, 1]);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(1);
  });

  test("parks at once what is refused for good, and logs neither address nor text", async () => {
    const { relay, sent, status, clock } = await pending(TO_ANN, async () => {
      throw new MailFailure("EENVELOPE RCPT TO 550", true);
    });
    await relay.relay(id);
    clock.time += 3_600_000;
    await relay.sweep();
    expect(sent).toHaveLength(1);
    expect(await status()).toBe("unreachable");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("an event is parked; see npm run outbox");
    expect(lines[0]).not.toMatch(/ann@example|A secret/);
  });

  test("waits 1 s after the first failure, twice as long after each further one, and 5 min at most", async () => {
    const { relay, store, clock } = await pending(TO_ANN, async () => {
      throw new MailFailure("ECONNECTION CONN", false);
    });
    const waits: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      await relay.relay(id);
      const next = Date.parse((await store.read(id))?.outbox[0]?.next_at ?? "");
      waits.push((next - clock.time) / 1_000);
      clock.time = next;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  });

  test("waits long after a mail that may have been accepted, since its reader gets one more with each try", async () => {
    const { relay, store, clock } = await pending(TO_ANN, async () => {
      throw new MailFailure("timeout", false, { unsure: true });
    });
    const waits: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      await relay.relay(id);
      const next = Date.parse((await store.read(id))?.outbox[0]?.next_at ?? "");
      waits.push((next - clock.time) / 60_000);
      clock.time = next;
    }
    expect(waits).toEqual([15, 60, 240, 960, 1_440, 1_440]);
  });

  test("parks after five days what could not be handed over, and has it sent again by an operator", async () => {
    const day = 24 * 3_600_000;
    let away = true;
    const { relay, sent, status, store, clock } = await pending(TO_ANN, async () => {
      if (away) throw new MailFailure("ECONNECTION CONN", false);
    });
    clock.time += 5 * day;
    await relay.sweep();
    expect(await status()).toBe("pending");
    clock.time += 3_600_000;
    await relay.sweep();
    expect(await status()).toBe("unreachable");
    clock.time += day;
    await relay.sweep();
    expect(sent).toHaveLength(2);
    away = false;
    await store.change(id, (current) => ({
      ...current,
      outbox: resend(current.outbox, "email", clock.time),
    }));
    await relay.sweep();
    expect(await status()).toBe("sent");
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(1);
  });

  test("looks up an address that was not known", async () => {
    const { records, relay, sent, status } = await pending(TO_BUYER, taken);
    records.kept.set("ann", { email: "ann@example.org", sells: false });
    await relay.relay(id);
    expect(sent[0]?.to).toBe("ann@example.org");
    expect(await status()).toBe("sent");
  });

  test("obeys the preferences at the time of sending, not at that of recording", async () => {
    const { readers, relay, sent, status } = await pending(TO_ANN, taken);
    await readers.prefer("ann", () => ({ events: { message: { email: false } } }));
    await relay.relay(id);
    expect(sent).toEqual([]);
    expect(await status()).toBeUndefined();
  });

  test("obeys a preference that came while the mail could not be sent", async () => {
    const { readers, relay, sent, clock } = await pending(TO_ANN, async () => {
      throw new MailFailure("ECONNECTION CONN", false);
    });
    await relay.relay(id);
    expect(sent).toHaveLength(1);
    await readers.prefer("ann", () => ({ events: { message: { email: false } } }));
    clock.time += 3_600_000;
    await relay.sweep();
    expect(sent).toHaveLength(1);
  });

  test("sends promotion only to who asked for it by mail", async () => {
    for (const email of [undefined, false, true]) {
      const { readers, relay, sent } = await pending(TO_ANN, taken, "promotion");
      if (email !== undefined) await readers.prefer("ann", () => ({ events: { promotion: { email } } }));
      await relay.relay(id);
      const unsubscribeUrl = expect.stringMatching(/^https:\/\/shop\.example\/.*\?token=/);
      expect(sent).toMatchObject(email ? [{ unsubscribeUrl }] : []);
    }
  });

  test("puts promotion off where there is no address for its link to unsubscribe", async () => {
    const { service, readers, store, status, sent, now } = await pending(TO_ANN, taken, "promotion");
    await readers.prefer("ann", () => ({ events: { promotion: { email: true } } }));
    const nowhere = unsubscribeLinks([new Uint8Array(32)], undefined);
    const ports = { ...service.ports, unsubscribeLinks: nowhere, now };
    await createNotificationRelay(store, { ...service, ports }).relay(id);
    expect([await status(), sent]).toEqual(["pending", []]);
  });

  test("writes the mail of an event in the language of the preference, else of the contact, else of the order, else the default", async () => {
    const languages = [
      { preferred: "zh-CN", contact: "en", order: "en", subject: "订单已付款" },
      { preferred: undefined, contact: "en", order: "zh-CN", subject: "Order paid" },
      { preferred: undefined, contact: undefined, order: "zh-CN", subject: "订单已付款" },
      { preferred: undefined, contact: undefined, order: undefined, subject: "Order paid" },
    ] as const;
    for (const { preferred, contact, order, subject } of languages) {
      const { records, readers, store, relay, sent, clock } = await pending(TO_ANN, taken);
      if (contact) records.kept.set("ann", { email: "ann@example.com", sells: false, locale: contact });
      if (preferred) await readers.prefer("ann", () => ({ locale: preferred, events: {} }));
      const event = {
        event_id: "1",
        event: "order.paid" as const,
        occurred_at: "2026-11-01T11:59:59.000Z",
        related_id: id,
        data: {},
        parties: [],
      };
      const party = { user_id: "ann", role: "buyer" as const, ...(order ? { locale: order } : {}) };
      const notification = notificationOf(event, party, TO_ANN, clock.time);
      await store.create(notification);
      await relay.relay(notification.id);
      expect(sent).toMatchObject([{ subject }]);
    }
  });

  test("sends a seller's mail only to who has acted as one", async () => {
    for (const sells of [true, false]) {
      const { records, relay, sent, status } = await pending(TO_SELLER, taken);
      records.kept.set("ann", { email: "ann@example.org", sells });
      await relay.relay(id);
      expect(sent).toHaveLength(sells ? 1 : 0);
      expect(await status()).toBe(sells ? "sent" : undefined);
    }
  });

  test("drops the mail of a user without any address", async () => {
    const { relay, sent, status } = await pending(TO_BUYER, taken);
    await relay.relay(id);
    expect(sent).toEqual([]);
    expect(await status()).toBeUndefined();
  });

  test("puts a mail off when the contacts can't be read", async () => {
    const { service, records, store, now, status } = await pending(TO_BUYER, taken);
    const contacts = createContacts({ ...records, read: () => Promise.reject(new Error("away")) }, now, now);
    await createNotificationRelay(store, { ...service, ports: { ...service.ports, contacts } }).relay(id);
    expect(await status()).toBe("pending");
    expect((await store.read(id))?.outbox).toMatchObject([{ attempts: 1 }]);
  });

  test("puts a mail off where no mail server is set", async () => {
    const { service, store, status } = await pending(TO_ANN, taken);
    await createNotificationRelay(store, {
      ...service,
      ports: { ...service.ports, mailer: undefined },
    }).relay(id);
    expect(await status()).toBe("pending");
    expect((await store.read(id))?.outbox).toMatchObject([{ attempts: 1 }]);
  });

  test("sends again when a crash hid that it had sent, under the same Message-ID", async () => {
    const { store, sent, relay, clock } = await pending(TO_ANN, taken);
    jest.spyOn(store, "change").mockRejectedValueOnce(new Error("killed"));
    await expect(relay.relay(id)).rejects.toThrow("killed");
    clock.time += 2_000;
    await relay.sweep();
    expect(sent).toHaveLength(2);
    expect(sent[0]?.messageId).toBe(sent[1]?.messageId);
  });

  test("sends nothing for a while where the mail server refuses the log-in, whichever mail it was", async () => {
    const { relay, sent, store, clock } = await pending(TO_ANN, async () => {
      throw new MailFailure("EAUTH AUTH PLAIN 535", false, { retryAfter: 60_000 });
    });
    const other = `${id.slice(0, -1)}2`;
    const texts = { type: "system", title: "Hello", content: "A secret" } as const;
    const message = { ...texts, id: other, user_id: "bob", related_id: null, fingerprint: "", shown: true };
    await store.create(messageOf(message, TO_ANN, clock.time));
    await relay.relay(id);
    await relay.relay(other);
    expect(sent).toHaveLength(1);
    expect((await store.read(other))?.outbox).toMatchObject([{ attempts: 0, held: true }]);
    clock.time += 60_000;
    await relay.relay(other);
    expect(sent).toHaveLength(2);
  });

  /** Mails to these users, on a mail server that takes the first at once, after 4 s, and no other until `release` is called. */
  async function slow(users: readonly string[]) {
    const real = performance.now.bind(performance);
    let later = 0;
    jest.spyOn(performance, "now").mockImplementation(() => real() + later);
    const replies = Promise.withResolvers<void>();
    const world = await pending(TO_ANN, async (_mail, tries) => {
      if (tries === 1) later += 4_000;
      else await replies.promise;
    });
    await world.relay.relay(id);
    const ids = users.map((_, index) => `${id.slice(0, -2)}${10 + index}`);
    for (const [index, one] of ids.entries()) {
      const texts = { type: "system", title: "Hello", content: "A secret" } as const;
      const message = { ...texts, related_id: null, fingerprint: "", shown: true };
      const user_id = users[index] ?? "";
      await world.store.create(messageOf({ ...message, id: one, user_id }, TO_ANN, world.clock.time));
    }
    const outboxOf = async (one = "") => (await world.store.read(one))?.outbox;
    return { ...world, ids, outboxOf, release: () => replies.resolve() };
  }

  test("puts a mail off without a try where the mail server is slow, and has as many as it may at once", async () => {
    const { relay, sent, ids, outboxOf, release, clock } = await slow(["bob", "bob", "kim", "kim", "sam"]);
    const under = ids.slice(0, 4).map((one) => relay.relay(one));
    await until("four are on their way", () => sent.length === 5);
    await relay.relay(ids[4] ?? "");
    expect(sent).toHaveLength(5);
    expect(await outboxOf(ids[4])).toMatchObject([{ attempts: 0, held: true }]);
    release();
    await Promise.all(under);
    clock.time += 10_000;
    await relay.sweep();
    expect(await outboxOf(ids[4])).toEqual([]);
  });

  test("has half of the mail server for one user at most, however many mails they are sent", async () => {
    const { relay, sent, ids, outboxOf, release } = await slow(["ann", "ann", "ann", "bob"]);
    const under = ids.slice(0, 2).map((one) => relay.relay(one));
    await until("two are on their way", () => sent.length === 3);
    await relay.relay(ids[2] ?? "");
    expect(await outboxOf(ids[2])).toMatchObject([{ attempts: 0, held: true }]);
    under.push(relay.relay(ids[3] ?? ""));
    await until("bob's is on its way", () => sent.length === 4);
    release();
    await Promise.all(under);
    expect(await outboxOf(ids[3])).toEqual([]);
  });
});
