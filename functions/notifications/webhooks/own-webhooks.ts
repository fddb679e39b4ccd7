// The webhooks of a caller: their own, and with the scope `webhooks` those that get the events of all orders.

import { v7 } from "uuid";
import type { User } from "../../../lib/auth/caller.ts";
import { hasScope, requireScope, sellsAs } from "../../../lib/auth/scopes.ts";
import { conflict, notFound } from "../../../lib/core/domain-error.ts";
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

/**
 * Registers a webhook: it gets the events that are recorded after this returns.
 * @throws {DomainError} forbidden `scope_missing`, invalid `url_not_allowed`, conflict `too_many_webhooks`.
 */
export async function register(
  { webhooks, now, feedClocks }: Ports,
  user: User,
  { orders, ...settings }: NewWebhook,
): Promise<Webhook> {
  if (orders === "all") requireScope(user, "webhooks", "A webhook for all orders");
  else requireScope(user, "sell", "A webhook for your orders");
  const { records, anywhere } = webhooks;
  const url = webhookUrl(settings.url, anywhere);
  const created = { id: v7({}), owner: orders === "all" ? OPERATORS : user.id, secret: newSecret() };
  const blank = { ...created, url, events: settings.events, created_at: iso(now()), failures: 0 };
  if (!(await records.inUse())) {
    await records.setInUse();
    // Other processes may have looked just before.
    await feedClocks.pause(NOT_IN_USE_MS + 100);
  }
  const webhook = withSettings(blank, { ...settings, url }, now());
  if (await records.add(webhook, MOST_PER_OWNER)) return webhook;
  throw conflict("too_many_webhooks", `There may be ${MOST_PER_OWNER} webhooks; delete one first.`);
}

/** The webhooks that the caller may manage, the first one first. */
export async function ownWebhooks(records: WebhookRecords, user: User): Promise<readonly Webhook[]> {
  const owners = [user.id, OPERATORS].filter((owner) => mayManage(user, owner));
  const ids = (await Promise.all(owners.map((owner) => records.idsOf(owner)))).flat();
  const found = await Promise.all(ids.map((id) => records.read(id)));
  // Ids begin with the time.
  return found.filter((one) => one !== undefined).sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** One of them. @throws {DomainError} not found for everybody else's, and for what does not exist. */
export async function ownWebhook(records: WebhookRecords, user: User, id: string): Promise<Webhook> {
  const found = await records.read(id);
  if (found === undefined || !mayManage(user, found.owner)) throw notFound("webhook");
  return found;
}

/** Sellers their own, as long as they sell; operators those for all orders. */
const mayManage = (user: User, owner: string): boolean =>
  owner === OPERATORS ? hasScope(user, "webhooks") : sellsAs(user, owner);
