// A webhook: an address of a user's system that is told of events. The rules of its settings, secrets and circuit; no input or output.

import { randomBytes } from "node:crypto";
import { invalidValue } from "../../../lib/core/domain-error.ts";
import { iso } from "../../../lib/core/iso.ts";
import { pauseAfter, type Retry } from "../../../lib/core/retry.ts";
import { outgoingUrl } from "../../../lib/http/outgoing-url.ts";
import type { EventName } from "../../events.ts";
import type { WebhookView } from "./contract.ts";

/** Who owns a webhook for the events of all orders: every operator, not one of them. No user has this id. */
export const OPERATORS = "*";

export interface Webhook {
  readonly id: string;
  /** The seller whose orders' events it gets, or {@link OPERATORS}. */
  readonly owner: string;
  readonly url: string;
  readonly events: readonly EventName[];
  /** `whsec_…`, as the Standard Webhooks specification has it. */
  readonly secret: string;
  /** The secret before; messages are signed with it as well until then. */
  readonly previous?: { readonly secret: string; readonly until: string };
  /** Why nothing is sent to it: its owner said so, or it answered 410. */
  readonly disabled?: { readonly reason: DisabledReason; readonly at: string };
  readonly created_at: string;
  /** Of the body that created it, where that request had an `Idempotency-Key`. */
  readonly fingerprint?: string;
  /** Ids of the last requests with an `Idempotency-Key` that changed the secret, the latest last. */
  readonly rotations?: readonly string[];
  /** Failed attempts in a row, as far as they were counted. */
  readonly failures: number;
  /** Until then nothing is tried. Set when the circuit opened, or its receiver asked for a pause; it stays until the next attempt has its reply. */
  readonly open_until?: string;
}

export type DisabledReason = "by_owner" | "gone";

/** Milliseconds for which messages are signed with the former secret as well. */
export const OVERLAP_MS = 24 * 3_600_000;

const SECRET_BYTES = 32;

export const newSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;

export interface WebhookSettings {
  readonly url: string;
  readonly events: readonly EventName[];
  readonly enabled: boolean;
}

/** The URL of a webhook as it is stored. @throws {DomainError} invalid `url_not_allowed`. */
export function webhookUrl(text: string, anywhere: boolean): string {
  const url = outgoingUrl(text, anywhere);
  if (typeof url === "string") throw invalidValue("url_not_allowed", `The URL ${url}.`);
  return url.href;
}

/** The webhook with these settings. A new URL, or being switched on, begins with a closed circuit. */
export function withSettings(
  webhook: Webhook,
  { url, events, enabled }: WebhookSettings,
  now: number,
): Webhook {
  const { disabled, ...rest } = webhook;
  const off = disabled ?? { reason: "by_owner" as const, at: iso(now) };
  const changed = { ...rest, url, events, ...(enabled ? {} : { disabled: off }) };
  return url !== webhook.url || (enabled && disabled !== undefined) ? closed(changed) : changed;
}

/** Keyed requests that changed the secret, as far as they are remembered. */
const ROTATIONS = 10;
const WITHOUT_KEY = "none";

/** The webhook with another secret; the present one stays valid for {@link OVERLAP_MS}. `rotation`: the id of a request with a key. */
export const withNewSecret = (webhook: Webhook, secret: string, now: number, rotation?: string): Webhook => ({
  ...webhook,
  secret,
  previous: { secret: webhook.secret, until: iso(now + OVERLAP_MS) },
  ...(rotation === undefined && webhook.rotations === undefined
    ? {}
    : { rotations: [...(webhook.rotations ?? []), rotation ?? WITHOUT_KEY].slice(-ROTATIONS) }),
});

/** The secrets by which a message is signed at `now`, the present one first. */
export const secretsOf = ({ secret, previous }: Webhook, now: number): readonly string[] =>
  previous !== undefined && Date.parse(previous.until) > now ? [secret, previous.secret] : [secret];

/** Whether it gets events named `event` of orders of `seller`. */
export const getsEvent = (
  { owner, events, disabled }: Webhook,
  event: EventName,
  seller: string | undefined,
): boolean => disabled === undefined && events.includes(event) && (owner === OPERATORS || owner === seller);

// The circuit.

/** Failures in a row that open the circuit. */
const OPENS_AFTER = 5;
/** For how long it stays open, by the number of failures since. */
const CIRCUIT: Retry = { first: 10_000, longest: 300_000 };

/** What the circuit says of an attempt: it may be made, it has to wait (milliseconds), or it may be made by one alone. */
export type Admission = "yes" | "probe" | { readonly waitMs: number };

export function admission({ open_until }: Webhook, now: number): Admission {
  if (open_until === undefined) return "yes";
  const waitMs = Date.parse(open_until) - now;
  return waitMs > 0 ? { waitMs } : "probe";
}

/** The circuit after one more failure, at which the receiver asked for a pause of `askedMs`. */
export function afterFailure(
  failures: number,
  now: number,
  askedMs: number,
): Pick<Webhook, "failures" | "open_until"> {
  const more = failures + 1;
  const own = more < OPENS_AFTER ? 0 : pauseAfter(more - OPENS_AFTER + 1, CIRCUIT);
  const pause = Math.max(own, askedMs);
  return { failures: more, ...(pause === 0 ? {} : { open_until: iso(now + pause) }) };
}

function closed(webhook: Webhook): Webhook {
  const { open_until: _, ...rest } = webhook;
  return { ...rest, failures: 0 };
}

/** As its owner sees it, without the secret. */
export function webhookToView(webhook: Webhook, now: number): WebhookView {
  const { id, owner, url, events, disabled, previous, created_at, failures } = webhook;
  const admitted = admission(webhook, now);
  return {
    id,
    url,
    events: [...events],
    orders: owner === OPERATORS ? "all" : "own",
    enabled: disabled === undefined,
    disabled: disabled === undefined ? null : { ...disabled },
    failures_in_a_row: failures,
    paused_until: typeof admitted === "object" ? (webhook.open_until ?? null) : null,
    former_secret_until: previous !== undefined && Date.parse(previous.until) > now ? previous.until : null,
    created_at,
  };
}
