import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { setLogSink } from "../../lib/observability/log.ts";
import { type Mail, MailFailure } from "./channels/email.ts";
import { createContactBook } from "./contact-book.ts";
import { messageOf, type Notification, pendingEmail } from "./notification.ts";
import { createNotificationRelay } from "./notification-relay.ts";
import { testWorld } from "./test-world.ts";

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

/** A notification whose mail is due to `to`, its relay, and a mail server that answers by `answer`. */
async function pending(to: string | null, answer: (mail: Mail, tries: number) => Promise<void>) {
  const world = testWorld();
  jest.spyOn(Date, "now").mockImplementation(() => world.clock.time);
  const { store } = world.service;
  const sent: Mail[] = [];
  const mailer = {
    async send(mail: Mail) {
      sent.push(mail);
      await answer(mail, sent.length);
    },
  };
  const relay = createNotificationRelay(store, { mailer, contacts: world.contacts });
  const now = world.clock.time;
  const texts = { type: "system", title: "Hello", content: "A secret" } as const;
  const message = { id, user_id: "ann", related_id: null, fingerprint: "", ...texts };
  await store.create(messageOf(message, pendingEmail(to, now), now));
  const email = async (): Promise<Notification["channels"]["email"]> =>
    (await store.read(id))?.channels.email;
  return { ...world, relay, sent, email, store };
}

const taken = async () => {};

describe("The relay of notifications", () => {
  test("sends a mail once and records it, so that the sweep finds nothing more", async () => {
    const { relay, sent, email, clock } = await pending("ann@example.com", taken);
    await relay.relay(id);
    expect(sent).toEqual([
      { to: "ann@example.com", subject: "Hello", text: "A secret", messageId: `<${id}@cfmp-order.example>` },
    ]);
    expect((await email())?.status).toBe("sent");
    clock.time += 3_600_000;
    expect(await relay.sweep()).toBe(0);
    expect(sent).toHaveLength(1);
  });

  test("finds by its sweep what no hint told it of", async () => {
    const { relay, sent, clock } = await pending("ann@example.com", taken);
    expect(await relay.sweep()).toBe(0);
    clock.time += 1_001;
    expect(await relay.sweep()).toBe(1);
    expect(sent).toHaveLength(1);
  });

  test("tries again after a failure, later and later, with the same Message-ID", async () => {
    const { relay, sent, email, clock } = await pending("ann@example.com", async (_mail, tries) => {
      if (tries < 4) throw new MailFailure("ECONNECTION CONN", false);
    });
    await relay.relay(id);
    await relay.relay(id);
    expect(sent).toHaveLength(1);
    const waits: number[] = [];
    while ((await email())?.status === "pending") {
      const before = sent.length;
      clock.time += 1_000;
      await relay.sweep();
      waits.push(sent.length - before);
    }
    expect(waits).toEqual([1, 0, 1, 0, 0, 0, 1]);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(1);
  });

  test("gives up at once what is refused for good, and logs neither address nor text", async () => {
    const { relay, sent, email, clock } = await pending("ann@example.com", async () => {
      throw new MailFailure("EENVELOPE RCPT TO 550", true);
    });
    await relay.relay(id);
    clock.time += 3_600_000;
    await relay.sweep();
    expect(sent).toHaveLength(1);
    expect((await email())?.status).toBe("unreachable");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("refused for good");
    expect(lines[0]).not.toMatch(/ann@example|A secret/);
  });

  test("looks up an address that was not known, and keeps it", async () => {
    const world = await pending(null, taken);
    world.records.kept.set("ann", "ann@example.org");
    await world.relay.relay(id);
    expect(world.sent[0]?.to).toBe("ann@example.org");
    expect(await world.email()).toMatchObject({ status: "sent", to: "ann@example.org" });
  });

  test("drops the mail of a user without any address", async () => {
    const { relay, sent, email } = await pending(null, taken);
    await relay.relay(id);
    expect(sent).toEqual([]);
    expect(await email()).toBeUndefined();
  });

  test("puts a mail off when the contact book does not answer", async () => {
    const { records, cache, store, email, clock } = await pending(null, taken);
    const away = { ...records, read: () => Promise.reject(new Error("away")) };
    const contacts = createContactBook(away, cache, () => clock.time);
    await createNotificationRelay(store, { mailer: { send: taken }, contacts }).relay(id);
    expect(await email()).toMatchObject({ status: "pending", attempts: 1, to: null });
  });

  test("puts a mail off where no mail server is set", async () => {
    const { contacts, store, email } = await pending("ann@example.com", taken);
    await createNotificationRelay(store, { mailer: undefined, contacts }).relay(id);
    expect(await email()).toMatchObject({ status: "pending", attempts: 1 });
  });

  test("sends again when a crash hid that it had sent, and the mail can be told as the same", async () => {
    const { store, sent, relay, clock } = await pending("ann@example.com", taken);
    jest.spyOn(store, "change").mockRejectedValueOnce(new Error("killed"));
    await relay.relay(id);
    clock.time += 2_000;
    await relay.sweep();
    expect(sent).toHaveLength(2);
    expect(sent[0]?.messageId).toBe(sent[1]?.messageId);
  });
});
