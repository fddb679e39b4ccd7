// Shared by the tests of NotificationService: the service with a table in memory that counts requests, and users.

import type { User } from "../../lib/auth/caller.ts";
import type { Locale } from "../../lib/core/locales.ts";
import { openScope } from "../../lib/core/scope.ts";
import { StorageUnavailable } from "../../lib/storage/errors.ts";
import { countingTable } from "../../tests/support/counting-table.ts";
import { memoryPlaces } from "../../tests/support/memory-places.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { memoryDeliveryLog, memoryWebhookRecords } from "../../tests/support/memory-webhooks.ts";
import { type Mailer, MailFailure } from "./channels/email.ts";
import { type Contact, type ContactRecords, createContacts } from "./contacts.ts";
import { handle as recordEvent } from "./handlers/record-event.ts";
import type { ConnectionRecord, ConnectionRecords } from "./live/connection-records.ts";
import type { Ending, Offer, StartedStream } from "./live/live-ports.ts";
import type { PushOutcome, PushPorts, PushTerms } from "./push/push-ports.ts";
import type { Subscription } from "./push/subscription.ts";
import type { SubscriptionRecords } from "./push/subscription-records.ts";
import { derivedVapidKey } from "./push/vapid-keys.ts";
import { createNotificationService, type NotificationService } from "./service.ts";
import { unsubscribeLinks } from "./unsubscribe-links.ts";
import type { Message } from "./webhooks/message.ts";
import type { Answer, WebhookPorts } from "./webhooks/webhook-ports.ts";

const noMailServer: Mailer = { send: () => Promise.reject(new MailFailure("nobody listens", false)) };

/** A service with its own table, contacts and clock; `hints` collects the ids that its relay was hinted at. */
export function testWorld(
  options: { readonly mailer?: Mailer | undefined; readonly defaultLocale?: Locale } = {},
) {
  const { mailer, defaultLocale } = { mailer: noMailServer, defaultLocale: "en" as const, ...options };
  const clock = { time: Date.parse("2026-11-01T12:00:00.000Z") };
  const now = () => clock.time;
  const hints: string[] = [];
  const operations: string[] = [];
  const records = fakeRecords();
  const contacts = createContacts(records, now, now);
  const connections = fakeConnections();
  const offers: { endpoint: string; ids: readonly string[]; offer: Offer }[] = [];
  const gone = new Set<string>();
  const ended: string[] = [];
  const endings = new Map<string, readonly [inMs: number, code: number]>();
  const live = {
    streams: new Map<string, StartedStream>(),
    records: connections,
    transport: {
      async offer(endpoint: string, _instance: string, ids: readonly string[], offer: Offer) {
        offers.push({ endpoint, ids, offer });
        return ids.filter((id) => gone.has(id));
      },
      gone: async (_endpoint: string, _instance: string, ids: readonly string[]) =>
        ids.filter((id) => gone.has(id)),
      end: async (_endpoint: string, id: string) => void ended.push(id),
    },
    endings: {
      set: (id: string, inMs: number, { code }: Ending) => void endings.set(id, [inMs, code]),
      clear: (id: string) => void endings.delete(id),
    },
    defaultLocale: "en" as const,
    now,
    failed(error: unknown) {
      throw error;
    },
  };
  const push = fakePush();
  const webhooks = fakeWebhooks();
  const service = createNotificationService({
    table: countingTable(memoryTable(), operations),
    contacts,
    mailer,
    defaultLocale,
    timeZone: "UTC",
    unsubscribeLinks: unsubscribeLinks([new Uint8Array(32).fill(8)], "https://shop.example"),
    cursorKeys: [new Uint8Array(32).fill(7)],
    now,
    live,
    push,
    webhooks,
    feedClocks: {
      now,
      monotonic: now,
      pause: async (ms) => {
        clock.time += ms;
      },
    },
    hint: async (id) => {
      hints.push(id);
    },
  });
  return {
    service,
    contacts,
    records,
    clock,
    hints,
    operations,
    connections,
    live,
    offers,
    gone,
    ended,
    endings,
    push,
    webhooks,
  };
}

export type World = ReturnType<typeof testWorld>;

/** Records `count` events for a user, a second apart, the last one just now; each reached this service at once. */
export async function recordEvents(world: World, count: number, userId = "ann"): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    world.clock.time += 1_000;
    await recordOne(world, `${userId}-${world.clock.time}`, world.clock.time, userId);
  }
}

/** Records the event `eventId` that happened at `occurred` (epoch milliseconds). */
export async function recordOne(
  world: World,
  eventId: string,
  occurred: number,
  userId = "ann",
): Promise<void> {
  await recordEventTo(world.service, userId, eventId, occurred);
}

/** The same at any service. */
export async function recordEventTo(
  service: NotificationService,
  userId: string,
  eventId: string,
  occurred = Date.now(),
): Promise<void> {
  const body = {
    event_id: eventId,
    event: "order.paid" as const,
    occurred_at: new Date(occurred).toISOString(),
    related_id: "0192f5b0-0000-7000-8000-000000000001",
    data: {},
    parties: [{ user_id: userId, role: "buyer" as const, email: null }],
  };
  await recordEvent(service, { body, scope });
}

/** Records of live connections in memory. */
function fakeConnections() {
  const kept = new Map<string, ConnectionRecord>();
  const taken = memoryPlaces();
  return {
    kept,
    read: async (id) => kept.get(id),
    of: async (userId) => [...kept.values()].filter(({ user_id }) => user_id === userId),
    idsOf: taken.of,
    async add(record, most) {
      if (!(await taken.take(record.user_id, record.id, most))) return false;
      kept.set(record.id, record);
      return true;
    },
    async remove({ id, user_id }) {
      kept.delete(id);
      await taken.free(user_id, id);
    },
  } satisfies ConnectionRecords & Record<string, unknown>;
}

/** Subscriptions in memory, and a push service that answers by `answer` and keeps what it accepted. */
function fakePush() {
  const kept = new Map<string, Subscription>();
  const taken = memoryPlaces();
  const key = derivedVapidKey("the secret of tests");
  const accepted: { readonly subscription: string; readonly message: string; readonly terms: PushTerms }[] =
    [];
  const state: { reads: number; answer: (subscription: Subscription) => Promise<PushOutcome> } = {
    reads: 0,
    answer: async () => "accepted",
  };
  return Object.assign(state, {
    kept,
    accepted,
    records: {
      async inUse() {
        state.reads += 1;
        return kept.size > 0;
      },
      read: async (id) => kept.get(id),
      async idsOf(userId) {
        state.reads += 1;
        return [...kept.values()].filter(({ user_id }) => user_id === userId).map(({ id }) => id);
      },
      async write(subscription) {
        kept.set(subscription.id, subscription);
      },
      async remove({ id, user_id }) {
        kept.delete(id);
        await taken.free(user_id, id);
      },
      placesOf: taken.of,
      takePlace: ({ id, user_id }, most) => taken.take(user_id, id, most),
      freePlace: ({ id, user_id }) => taken.free(user_id, id),
    } satisfies SubscriptionRecords,
    vapidKeys: () => [key],
    sender: {
      async send(subscription: Subscription, message: string, terms: PushTerms) {
        const outcome = await state.answer(subscription);
        if (outcome === "accepted") accepted.push({ subscription: subscription.id, message, terms });
        return outcome;
      },
    },
    anywhere: false,
  } satisfies PushPorts & Record<string, unknown>);
}

/** What a receiver got. */
interface Received {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly message: Message;
}

/** Webhooks in memory, and receivers that answer by `answer`; `received` is all that was sent, `hints` are ids of deliveries. */
function fakeWebhooks() {
  const received: Received[] = [];
  const hints: string[] = [];
  const state: { answer: (received: Received) => Promise<Partial<Answer>> } = { answer: async () => ({}) };
  return Object.assign(state, {
    records: memoryWebhookRecords(),
    log: memoryDeliveryLog(),
    table: memoryTable(),
    received,
    hints,
    sender: {
      async send(to: { url: string; secrets: readonly string[] }, message: Message) {
        const one = { ...to, message };
        received.push(one);
        return { status: 200, reason: null, reply: "", duration_ms: 3, ...(await state.answer(one)) };
      },
    },
    anywhere: false,
    hint: async (id: string) => {
      hints.push(id);
    },
  } satisfies WebhookPorts & Record<string, unknown>);
}

/** Contacts in memory, which can't be read while `away`; `reads` and `writes` record the calls. */
function fakeRecords() {
  const kept = new Map<string, Contact>();
  const reads: string[] = [];
  const writes: (Contact & { user: string; updatedAt: string })[] = [];
  const records = {
    away: false,
    kept,
    reads,
    writes,
    async read(userId) {
      if (records.away) throw new StorageUnavailable("GetItem", "nobody listens");
      reads.push(userId);
      return kept.get(userId);
    },
    async write(user, { email, sells, locale = kept.get(user)?.locale }, updatedAt) {
      const named = locale === undefined ? {} : { locale };
      writes.push({ user, email, sells, ...named, updatedAt });
      const contact = { email, sells: sells || kept.get(user)?.sells === true, ...named };
      kept.set(user, contact);
      return contact;
    },
  } satisfies ContactRecords & Record<string, unknown>;
  return records;
}

export const user = (
  id: string,
  more: { email?: string; scopes?: readonly string[]; locale?: Locale } = {},
): User => ({
  kind: "user",
  id,
  ...(more.email === undefined ? {} : { email: more.email }),
  ...(more.locale === undefined ? {} : { locale: more.locale }),
  scopes: new Set(more.scopes ?? []),
});

export const scope = openScope("NotificationService", "test");
