// Records of webhooks and the log of their deliveries in memory, with the conditions of the real ones: for unit tests and simulations.

import {
  type Attempt,
  type DeliveryLog,
  LOG_SIZE,
} from "../../functions/notifications/webhooks/delivery-log.ts";
import type { Webhook } from "../../functions/notifications/webhooks/webhook.ts";
import type { WebhookRecords } from "../../functions/notifications/webhooks/webhook-records.ts";

export function memoryWebhookRecords() {
  const kept = new Map<string, Webhook>();
  /** Fingerprints of those whose ids are kept. */
  const deleted = new Map<string, string>();
  const use = { noted: false, known: false };
  const idsOf = (owner: string): string[] =>
    [...kept.values()].filter((webhook) => webhook.owner === owner).map(({ id }) => id);
  /** Replaces the one with this id, if `holds` is true of it. */
  function replace(id: string, holds: (now: Webhook) => boolean, by: (now: Webhook) => Webhook): boolean {
    const now = kept.get(id);
    if (now === undefined || !holds(now)) return false;
    kept.set(id, by(now));
    return true;
  }
  return {
    kept,
    inUse: async () => use.noted,
    async setInUse() {
      use.noted = true;
    },
    knownToAll: async () => use.known,
    async setKnownToAll() {
      use.known = true;
    },
    read: async (id) => kept.get(id),
    idsOf: async (owner) => idsOf(owner),
    async add(webhook, most) {
      if (idsOf(webhook.owner).length >= most) return false;
      kept.set(webhook.id, webhook);
      return true;
    },
    async addOnce(webhook, most) {
      const earlier = kept.get(webhook.id);
      const fingerprint = deleted.get(webhook.id);
      if (fingerprint !== undefined) return { deleted: true, fingerprint };
      if (earlier !== undefined) return { webhook: earlier, replayed: true };
      if (idsOf(webhook.owner).length >= most) return "full";
      kept.set(webhook.id, webhook);
      return { webhook, replayed: false };
    },
    writeSettings: async ({ secret: _, previous: __, ...webhook }) =>
      replace(
        webhook.id,
        () => true,
        ({ secret, previous, rotations }) => ({
          ...webhook,
          secret,
          ...(previous === undefined ? {} : { previous }),
          ...(rotations === undefined ? {} : { rotations }),
        }),
      ),
    writeSecrets: async ({ id, secret, previous, rotations }, instead) =>
      replace(
        id,
        (now) => now.secret === instead,
        (now) => ({
          ...now,
          secret,
          ...(previous === undefined ? {} : { previous }),
          ...(rotations === undefined ? {} : { rotations }),
        }),
      ),
    async remove({ id, fingerprint }) {
      kept.delete(id);
      if (fingerprint !== undefined) deleted.set(id, fingerprint);
    },
    writeCircuit: async ({ id, failures, open_until }, circuit) =>
      replace(
        id,
        (now) => now.failures === failures && now.open_until === open_until,
        ({ open_until: _, ...now }) => ({ ...now, ...circuit }),
      ),
    async disable({ id, url }, at) {
      replace(
        id,
        (now) => now.url === url,
        (now) => ({ ...now, disabled: { reason: "gone", at } }),
      );
    },
  } satisfies WebhookRecords & Record<string, unknown>;
}

export function memoryDeliveryLog() {
  const kept = new Map<string, Attempt[]>();
  return {
    kept,
    async add(webhookId, attempt) {
      kept.set(webhookId, [attempt, ...(kept.get(webhookId) ?? [])].slice(0, LOG_SIZE));
    },
    of: async (webhookId) => kept.get(webhookId) ?? [],
  } satisfies DeliveryLog & Record<string, unknown>;
}
