// The webhooks of a caller: their own, and with the scope `webhooks` those that get the events of all orders.

import type { User } from "../../../lib/auth/caller.ts";
import { hasScope, requireScope, sellsAs } from "../../../lib/auth/scopes.ts";
import { conflict, notFound } from "../../../lib/core/domain-error.ts";
import { type Creation, checkReplay } from "../../../lib/core/idempotency.ts";
import { iso } from "../../../lib/core/iso.ts";
import { NOT_IN_USE_MS } from "../in-use.ts";
import type { NotificationPorts } from "../ports.ts";
import {
  newSecret,
  OPERATORS,
  type Webhook,
  type WebhookSettings,
  webhookUrl,
  withSettings,
} from "./webhook.ts";
import type { WebhookRecords } from "./webhook-records.ts";

/** Most webhooks of one owner; of those for all orders, most of the deployment. */
const MOST_PER_OWNER = 10;

type Ports = Pick<NotificationPorts, "webhooks" | "now" | "feedClocks">;

export interface NewWebhook extends WebhookSettings {
  readonly orders: "own" | "all";
}

export interface Registered {
  readonly webhook: Webhook;
  /** True when an earlier request with the same key has registered it. */
  readonly replayed: boolean;
}

/**
 * Registers a webhook: it gets the events that are recorded after this returns. A request with a key that was used returns what that
 * has registered.
 * @throws {DomainError} forbidden `scope_missing`, invalid `url_not_allowed` or `idempotency_key_reused`, conflict `too_many_webhooks`,
 * gone `gone`.
 */
export async function register(
  { webhooks, now, feedClocks }: Ports,
  user: User,
  { orders, ...settings }: NewWebhook,
  { id, fingerprint, keyed }: Creation,
): Promise<Registered> {
  if (orders === "all") requireScope(user, "webhooks", "A webhook for all orders");
  else requireScope(user, "sell", "A webhook for your orders");
  const { records, anywhere } = webhooks;
  const url = webhookUrl(settings.url, anywhere);
  const created = { id, owner: orders === "all" ? OPERATORS : user.id, secret: newSecret() };
  const blank = { ...created, url, events: settings.events, created_at: iso(now()), failures: 0 };
  if (!(await records.knownToAll())) {
    await records.setInUse();
    // Other processes may have looked just before. That it is noted says nothing: the request that did so may still wait here, or was killed.
    await feedClocks.pause(NOT_IN_USE_MS + 100);
    await records.setKnownToAll();
  }
  const webhook = withSettings(blank, { ...settings, url }, now());
  if (!keyed) {
    if (await records.add(webhook, MOST_PER_OWNER)) return { webhook, replayed: false };
    throw tooMany();
  }
  const added = await records.addOnce({ ...webhook, fingerprint }, MOST_PER_OWNER);
  if (added === "full") throw tooMany();
  const deleted = "deleted" in added;
  const earlier = (deleted ? added.fingerprint : added.webhook.fingerprint) ?? "";
  checkReplay({ id, fingerprint, keyed }, { fingerprint: earlier, deleted });
  if (deleted) throw notFound("webhook");
  return added;
}

const tooMany = () =>
  conflict("too_many_webhooks", `There may be ${MOST_PER_OWNER} webhooks; delete one first.`);

/** The webhooks that the caller may manage, the first one first. */
export async function ownWebhooks(records: WebhookRecords, user: User): Promise<readonly Webhook[]> {
  const owners = [user.id, OPERATORS].filter((owner) => mayManage(user, owner));
  const ids = (await Promise.all(owners.map((owner) => records.idsOf(owner)))).flat();
  const found = await Promise.all(ids.map((id) => records.read(id)));
  return found.filter((one) => one !== undefined).sort((one, other) => (isBefore(one, other) ? -1 : 1));
}

/** Those of the same millisecond in any order, but always in the same. */
const isBefore = (one: Webhook, other: Webhook): boolean =>
  one.created_at === other.created_at ? one.id < other.id : one.created_at < other.created_at;

/** One of them. @throws {DomainError} not found for everybody else's, and for what does not exist. */
export async function ownWebhook(records: WebhookRecords, user: User, id: string): Promise<Webhook> {
  const found = await records.read(id);
  if (found === undefined || !mayManage(user, found.owner)) throw notFound("webhook");
  return found;
}

/** Sellers their own, as long as they sell; operators those for all orders. */
const mayManage = (user: User, owner: string): boolean =>
  owner === OPERATORS ? hasScope(user, "webhooks") : sellsAs(user, owner);
